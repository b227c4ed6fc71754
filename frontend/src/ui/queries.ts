/** How the page reads from the server: passing failures are tried again; what cannot be read is told. */

import { QueryCache, QueryClient } from "@tanstack/react-query";
import { Problem } from "../api/client";
import { tellFailure } from "./attempt";

declare module "@tanstack/react-query" {
  interface Register {
    /** `unread` says what could not be read, when that is to be told; else the view shows it itself. */
    queryMeta: { unread?: string };
  }
}

const TRIES = 3;
const mayHelp = (error: unknown) => !(error instanceof Problem) || error.passing;

export const newQueries = (): QueryClient => new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      if (query.meta?.unread) tellFailure(query.meta.unread, error);
    },
  }),
  defaultOptions: { queries: { retry: (failures, error) => failures < TRIES - 1 && mayHelp(error), refetchOnWindowFocus: false } },
});
