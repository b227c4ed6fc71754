"""Amazon Bedrock's Messages endpoint on this machine, as far as it differs from Claude's own.

It takes requests under `/anthropic`, signed with AWS's signature version 4 for its service or with a bearer key, and
refuses what Bedrock refuses. Source of the signature: AWS's own description, checked here without the code that signs.
"""

import hashlib
import hmac
import json
from dataclasses import replace

from archwright.model.scripted import Script, Step
from tests.claude_server import ClaudeServer, _Request

REGION, SERVICE, ACCESS, SECRET = "eu-west-1", "bedrock-mantle", "AKIAEXAMPLE", "a-secret-of-forty-characters"
PREFIX = "/anthropic"
NOT_SIGNED = Step(status=403, error="permission_error", message="The signature does not match.")


class BedrockServer(ClaudeServer):
    """As ClaudeServer; `bearer` is the only API key that is accepted, without it only signatures of ACCESS are."""

    def __init__(self, script: Script, *, bearer: str | None = None) -> None:
        super().__init__(script)
        self._bearer = bearer

    def __enter__(self) -> "BedrockServer":
        super().__enter__()
        self.url += PREFIX
        return self

    def _step_for(self, request: _Request) -> Step:
        if not self._may_ask(request):
            return NOT_SIGNED
        if refused := _refused(json.loads(request.body)):
            self.violations.append(refused)
            return Step(status=400, error="invalid_request_error", message=refused)
        return super()._step_for(replace(request, path=request.path.removeprefix(PREFIX)))

    def _may_ask(self, request: _Request) -> bool:
        given = request.headers.get("authorization", "")
        return given == f"Bearer {self._bearer}" if self._bearer else _is_signed(request, given)


def _refused(body: dict[str, object]) -> str:
    tools = body.get("tools")
    if isinstance(tools, list) and any("strict" in tool for tool in tools):
        return "tools.0.custom.strict: Extra inputs are not permitted"
    if "diagnostics" in body:
        return "diagnostics: Extra inputs are not permitted"
    return "" if str(body["model"]).startswith("anthropic.") else f"no such model: {body['model']}"


def _is_signed(request: _Request, given: str) -> bool:
    kind, _, fields = given.partition(" ")
    if kind != "AWS4-HMAC-SHA256":
        return False
    said = dict(field.strip().split("=", 1) for field in fields.split(","))
    day = request.headers["x-amz-date"][:8]
    scope = f"{day}/{REGION}/{SERVICE}/aws4_request"
    names = said["SignedHeaders"].split(";")
    headers = "".join(f"{name}:{request.headers[name]}\n" for name in names)
    digest = hashlib.sha256(request.body).hexdigest()
    canonical = "\n".join([request.method, request.path, "", headers, said["SignedHeaders"], digest])
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join([kind, request.headers["x-amz-date"], scope, hashed])
    key = f"AWS4{SECRET}".encode()
    for part in (day, REGION, SERVICE, "aws4_request", text):
        key = hmac.digest(key, part.encode(), "sha256")
    return said["Credential"] == f"{ACCESS}/{scope}" and hmac.compare_digest(said["Signature"], key.hex())
