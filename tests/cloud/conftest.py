"""The product deployed: template.yaml as it stands, on an emulator of AWS that enforces every policy, used through its
gateway."""

import json
import os
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from deploy.__main__ import LOCAL, deploy_locally
from deploy.emulator import CREDENTIALS, REGION, emulator
from deploy.stack import Cloud, deploy_stack, mend_emulator, stack_parameters

from tests.servers import job_ended

STACK = "archwright-test"
PARAMETERS = {"LeaseSeconds": "8", "OfflinePace": "0"}


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployed stack and how a client talks to its gateway."""

    endpoint: str
    outputs: dict[str, str]

    def client(self, service: str) -> Any:
        return Cloud(REGION, self.endpoint).client(service)

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        data = None if body is None else json.dumps(body).encode()
        host = f"{self.outputs['ApiId']}.execute-api.localhost:{self.endpoint.rsplit(':', 1)[1]}"
        sent = {"host": host, "content-type": "application/json", **headers}
        request = urllib.request.Request(f"{self.endpoint}/api/v1{path}", data=data, headers=sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()

    def ask(self, path: str, body: Any = None, method: str | None = None) -> Any:
        status, _, answer = self.request(method or ("GET" if body is None else "POST"), path, body)
        assert status < 300, (status, answer)
        return json.loads(answer)

    def job_ended(self, job: str, seconds: float = 150) -> Any:
        return job_ended(self.ask, job, seconds, every_s=0.2)

    @contextmanager
    def worker(
        self, *, function: str = "Worker", timeout_s: int | None = None, handler: str | None = None, **environment: str
    ) -> Iterator[None]:
        """Let the worker, or another function, be another for a while; what is warm is thrown away."""
        functions, name = self.client("lambda"), self.outputs[f"{function}FunctionName"]
        before = functions.get_function_configuration(FunctionName=name)
        known = before["Environment"]["Variables"]
        functions.update_function_configuration(
            FunctionName=name, Timeout=timeout_s or before["Timeout"], Handler=handler or before["Handler"],
            Environment={"Variables": {**known, **environment}},
        )  # fmt: skip
        try:
            yield
        finally:
            functions.update_function_configuration(
                FunctionName=name, Timeout=before["Timeout"], Handler=before["Handler"],
                Environment={"Variables": known},
            )  # fmt: skip

    def invoke(self, function: str, event: Any) -> Any:
        """Invoke one of the stack's functions; what it returns."""
        functions = self.client("lambda").get_paginator("list_functions").paginate().search("Functions[].FunctionName")
        (name,) = [name for name in functions if name.startswith(f"{STACK}-{function}Function-")]
        answer = self.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
        return json.loads(answer["Payload"].read())

    def log(self, group: str) -> list[str]:
        """The lines of one of the stack's log groups."""
        logs = self.client("logs")
        groups = [one["logGroupName"] for one in logs.describe_log_groups()["logGroups"]]
        (name,) = [name for name in groups if f"/{STACK}/{group}" in name or f"/{STACK}-{group}" in name]
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=name)
        return [event["message"].strip() for page in pages for event in page["events"]]

    @contextmanager
    def updated(self, **parameters: str) -> Iterator[None]:
        """Bring the stack up to date with other parameters for a while, as `scripts/deploy` does."""
        before = stack_parameters(Cloud(REGION, self.endpoint), STACK)
        self._update(parameters)
        try:
            yield
        finally:
            self._update({name: before[name] for name in parameters})

    def _update(self, parameters: dict[str, str]) -> None:
        cloud = Cloud(REGION, self.endpoint)
        mend_emulator(cloud, deploy_stack(cloud, STACK, parameters), int(LOCAL["WorkerConcurrency"]))

    def kill_workers(self) -> int:
        """Kill the processes that run the worker function, as a machine does that goes away; returns how many."""
        wanted = f"AWS_LAMBDA_FUNCTION_NAME={self.outputs['WorkerFunctionName']}".encode()
        killed = 0
        for place in Path("/proc").glob("[0-9]*/environ"):
            try:
                if wanted in place.read_bytes().split(b"\0"):
                    os.kill(int(place.parent.name), signal.SIGKILL)
                    killed += 1
            except (OSError, ProcessLookupError):
                continue
        return killed


def check_oracle(cloud: Deployment, session: str, job: str) -> None:
    """What must hold whatever happened: versions gapless, each tool call took effect once, the job's cost and use are
    the sums of its turns, and the diagram is the newest version of the log."""
    log = cloud.ask(f"/sessions/{session}/changes?since=0")["changes"]
    assert [change["version"] for change in log] == list(range(1, len(log) + 1))
    ids = [change["change_id"] for change in log]
    assert len(ids) == len(set(ids))
    trace, found = cloud.ask(f"/jobs/{job}/trace"), cloud.ask(f"/jobs/{job}")
    calls = [call for turn in trace["turns"] for call in turn["tool_calls"]]
    made = [call["change_id"] for call in calls if call["version"] is not None]
    assert sorted(made) == sorted(set(made)) and set(made) <= set(ids)
    assert found["usage"]["output_tokens"] == sum(turn["usage"]["output_tokens"] for turn in trace["turns"])
    snapshot, last = cloud.ask(f"/sessions/{session}"), cloud.ask(f"/sessions/{session}/versions/{len(log)}")
    assert (snapshot["nodes"], snapshot["edges"]) == (last["nodes"], last["edges"])


@pytest.fixture(scope="session")
def cloud() -> Iterator[Deployment]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        with emulator(AUTH="true") as endpoint:
            yield Deployment(endpoint, deploy_locally(endpoint, STACK, dict(PARAMETERS)))
