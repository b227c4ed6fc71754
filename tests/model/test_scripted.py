import json
import subprocess
import sys
from pathlib import Path

import pytest

from archwright.errors import ModelRefused, ModelRetryable
from archwright.model.claude import ClaudeModel
from archwright.model.protocol import ProtocolViolation
from archwright.model.scripted import ScriptedTransport, Step
from tests.claude_server import ClaudeServer
from tests.model.requests import API, a_request, next_request, reply_from

ROOT = Path(__file__).parents[2]


async def test_a_script_may_be_a_function_of_the_request() -> None:
    transport = ScriptedTransport(lambda body: Step.says(body["messages"][-1]["content"].upper()))
    reply = await reply_from(ClaudeModel("key", transport=transport))
    assert reply.content == ({"type": "text", "text": "DRAW A SHOP."},)


@pytest.mark.parametrize("fault", ["end", "reset", "stall", "error", "garbage"])
async def test_every_fault_ends_a_call_in_process_as_it_does_over_a_socket(fault: str) -> None:
    step = Step.from_json({"content": Step.calls(API).content, "fault": fault})
    with pytest.raises(ModelRetryable):
        await reply_from(ClaudeModel("key", transport=ScriptedTransport([step])))


async def test_a_strict_script_refuses_what_the_real_api_would() -> None:
    strict = ClaudeModel("key", transport=ScriptedTransport([Step.says("Done.")]))
    with pytest.raises(ProtocolViolation, match="prefill"):
        await reply_from(
            strict, a_request({"role": "user", "content": "Hi"}, {"role": "assistant", "content": "I will"})
        )


async def test_a_server_answers_a_breach_of_the_protocol_as_the_real_one_does_and_remembers_it() -> None:
    with ClaudeServer([Step.calls(API), Step.says("Done.")]) as server:
        model = ClaudeModel("key", server.url)
        first = a_request()
        second = next_request(first, await reply_from(model, first))
        with pytest.raises(ModelRefused, match=r"\(400\): messages.2: tool_use ids without tool_result"):
            await reply_from(model, a_request(*second.messages[:2], {"role": "user", "content": "And?"}))
        await model.close()
    assert server.violations == ["messages.2: tool_use ids without tool_result: toolu_script_1."]


@pytest.mark.parametrize(
    ("values", "why"), [({"fault": "fire"}, "no such fault: fire"), ({"txt": 1}, "a step has no txt")]
)
def test_a_step_that_makes_no_sense_is_refused(values: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Step.from_json(values)


async def test_the_server_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps([{"status": 529}, {"content": [{"type": "text", "text": "Done."}]}]))
    command = [sys.executable, "-m", "tests.claude_server", "--script", str(script), "--key", "sk-1"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().removeprefix("listening on ").strip()
            model = ClaudeModel("sk-1", url)
            with pytest.raises(ModelRetryable):
                await reply_from(model)
            assert (await reply_from(model)).content == ({"type": "text", "text": "Done."},)
            with pytest.raises(ModelRefused, match="did not accept the key"):
                await reply_from(ClaudeModel("sk-2", url))
        finally:
            process.terminate()
