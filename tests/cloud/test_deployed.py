"""The whole product on AWS: the same as on one machine, and nothing is lost whatever ends in the middle."""

import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.cloud.conftest import Deployment, check_oracle
from tests.servers import serving

PROMPT = "A URL shortener with an API gateway, a Redis cache, PostgreSQL and a Kafka queue for analytics"


def start(cloud: Deployment, prompt: str = PROMPT) -> tuple[str, str]:
    made = cloud.ask("/sessions", {"prompt": prompt})
    return made["session"]["id"], made["job"]["id"]


def wait_for_changes(cloud: Deployment, session: str, at_least: int = 1) -> None:
    deadline = time.monotonic() + 60
    while cloud.ask(f"/sessions/{session}")["version"] < at_least:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_from_prompt_to_export_it_is_the_same_as_on_one_machine(cloud: Deployment, tmp_path: Path) -> None:
    status, headers, body = cloud.request("POST", "/sessions", {"prompt": PROMPT})
    assert (status, headers["retry-after"]) == (202, "1")
    made = json.loads(body)
    assert headers["location"] == f"/api/v1/jobs/{made['job']['id']}"
    session = made["session"]["id"]
    assert cloud.job_ended(made["job"]["id"])["status"] == "succeeded"
    status, headers, body = cloud.request("GET", f"/sessions/{session}/changes?since=0")
    version = json.loads(body)["version"]
    assert cloud.request("GET", f"/sessions/{session}/changes?since={version}")[0] == 304
    with serving(tmp_path) as here:
        mine = here.ask("/sessions", {"prompt": PROMPT})
        here.job_ended(mine["job"]["id"], 30)
        shown = []
        for product, name in ((cloud, session), (here, mine["session"]["id"])):
            first = content(product.ask(f"/sessions/{name}"))
            sent = product.ask(f"/sessions/{name}/messages", {"text": "Add a rate limiter in front of the API gateway"})
            assert product.job_ended(sent["job"]["id"], 60)["status"] == "succeeded"
            edited = content(product.ask(f"/sessions/{name}"))
            ops = [{"op": "set_title", "title": "Short links"}]
            product.ask(f"/sessions/{name}/changes", {"ops": ops})
            renamed = product.ask(f"/sessions/{name}")["title"]
            product.ask(f"/sessions/{name}/undo", {})
            product.ask(f"/sessions/{name}/layout", {})
            shown.append((first, edited, renamed, content(product.ask(f"/sessions/{name}"))))
    assert shown[0] == shown[1]
    for form, begins in (("svg", b"<svg"), ("png", b"\x89PNG"), ("mermaid", b"")):
        status, headers, file = cloud.request("GET", f"/sessions/{session}/export?format={form}")
        assert (status, "attachment" in headers["content-disposition"]) == (200, True)
        assert begins in file[:200]
    check_oracle(cloud, session, made["job"]["id"])


def content(session: dict[str, Any]) -> Any:
    return session["title"], session["nodes"], session["edges"]


def test_a_message_that_comes_twice_and_two_workers_at_once_do_the_job_once(cloud: Deployment) -> None:
    with cloud.worker(ARCHWRIGHT_OFFLINE_PACE="0.3"):
        session, job = start(cloud)
        queue = cloud.client("sqs")
        for _ in range(3):
            queue.send_message(QueueUrl=cloud.outputs["JobsQueueUrl"], MessageBody=job, MessageGroupId="twice")
        assert cloud.job_ended(job)["status"] == "succeeded"
        assert cloud.ask(f"/jobs/{job}/trace")["attempts"] == 1
    check_oracle(cloud, session, job)


def test_a_job_whose_worker_dies_goes_on_when_the_sweeper_finds_it(cloud: Deployment) -> None:
    with cloud.worker(ARCHWRIGHT_OFFLINE_PACE="0.7"):
        session, job = start(cloud)
        wait_for_changes(cloud, session)
        assert cloud.kill_workers() >= 1
        time.sleep(9)  # the lease runs out
        assert cloud.invoke("Sweeper", {})["sent"] >= 1
        assert cloud.job_ended(job)["status"] == "succeeded"
    check_oracle(cloud, session, job)


def test_a_job_that_outlasts_its_functions_is_handed_over_four_times_and_has_one_log(cloud: Deployment) -> None:
    with cloud.worker(timeout_s=60, ARCHWRIGHT_DRAIN_LEFT_S="58", ARCHWRIGHT_OFFLINE_PACE="4"):
        session, job = start(cloud, PROMPT + ", separate PostgreSQL databases per service, a CDN and three workers")
        assert cloud.job_ended(job)["status"] == "succeeded"
        for text in ("Add a search service", "Add an auth service", "Add a CDN", "Add monitoring", "Add a WAF"):
            if handovers(cloud) >= 4:
                break
            sent = cloud.ask(f"/sessions/{session}/messages", {"text": text})
            assert cloud.job_ended(sent["job"]["id"])["status"] == "succeeded"
        assert handovers(cloud) >= 4
    check_oracle(cloud, session, job)


def handovers(cloud: Deployment) -> int:
    """How many messages the queue carried beyond one for each job of this test."""
    return sum("job handed over" in line for line in cloud.log("WorkerLogs"))


def test_a_job_ends_well_though_one_answer_in_five_of_dynamodb_is_a_refusal_or_lost(cloud: Deployment) -> None:
    with faulty(cloud.endpoint) as (address, faults), cloud.worker(AWS_ENDPOINT_URL_DYNAMODB=address):
        session, job = start(cloud, "A FastAPI service with PostgreSQL, a Redis cache and a worker")
        assert cloud.job_ended(job, 180)["status"] == "succeeded"
        assert min(faults["throttled"], faults["lost"]) >= 3
    check_oracle(cloud, session, job)


@contextmanager
def faulty(endpoint: str) -> Iterator[tuple[str, dict[str, int]]]:
    """A way to DynamoDB on which one request in ten is throttled and the answer to one in ten is lost."""
    chance, faults = random.Random(7), {"throttled": 0, "lost": 0}
    there = urlsplit(endpoint)

    class Way(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            fate = chance.random()
            if fate < 0.1:
                faults["throttled"] += 1
                self.answer(400, b'{"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException"}')
                return
            onward = HTTPConnection(there.hostname or "", there.port, timeout=30)
            onward.request("POST", self.path, body, dict(self.headers))
            answer = onward.getresponse()
            content = answer.read()
            if fate < 0.2:
                faults["lost"] += 1
                self.close_connection = True
                return
            self.answer(answer.status, content)

        def answer(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/x-amz-json-1.0")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Way)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", faults
    finally:
        server.shutdown()
        server.server_close()


def test_a_job_that_no_worker_can_run_is_given_up_and_the_user_sees_why(cloud: Deployment) -> None:
    queue, address = cloud.client("sqs"), cloud.outputs["JobsQueueUrl"]
    queue.set_queue_attributes(QueueUrl=address, Attributes={"VisibilityTimeout": "1"})
    with cloud.worker(handler="archwright.entrypoints.nowhere.handler"):
        session, job = start(cloud)
        found = cloud.job_ended(job)
    queue.set_queue_attributes(QueueUrl=address, Attributes={"VisibilityTimeout": "5400"})
    assert (found["status"], found["error"]["type"]) == ("failed", "poison")
    said = cloud.ask(f"/sessions/{session}/messages")["items"][-1]
    assert said["role"] == "assistant" and "given up" in said["text"]
    assert cloud.ask(f"/sessions/{session}")["active_job"] is None
