/** The browser's storage, or where it is full or forbidden this page's memory: then it lasts until a reload. */

export type Kept = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

const works = (storage: () => Storage): Storage | null => {
  try {
    const found = storage();
    found.getItem("archwright:");
    return found;
  } catch {
    return null;
  }
};

/** Asks for the storage each time, for a browser may forbid it at any time. */
export class SafeStorage implements Kept {
  private readonly memory = new Map<string, string>();

  constructor(private readonly storage: () => Storage) {}

  private names(): string[] {
    const browser = works(this.storage);
    const there = browser ? Array.from({ length: browser.length }, (_, at) => browser.key(at) ?? "") : [];
    return [...new Set([...there, ...this.memory.keys()])];
  }

  get length(): number {
    return this.names().length;
  }

  key(at: number): string | null {
    return this.names()[at] ?? null;
  }

  getItem(name: string): string | null {
    return this.memory.get(name) ?? works(this.storage)?.getItem(name) ?? null;
  }

  setItem(name: string, value: string): void {
    try {
      this.storage().setItem(name, value);
      this.memory.delete(name);
    } catch {
      this.memory.set(name, value);
    }
  }

  removeItem(name: string): void {
    this.memory.delete(name);
    works(this.storage)?.removeItem(name);
  }
}

export const local = new SafeStorage(() => window.localStorage);
export const tab = new SafeStorage(() => window.sessionStorage);
