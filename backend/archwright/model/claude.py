"""Claude through the real SDK: one streamed turn, and every way in which it can go wrong, named; or many at once.

The only importer of `anthropic`, which takes a second to import: import this module only where jobs run. The SDK
retries nothing here, because retrying is the caller's policy: it knows the deadline and discards the preview.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, suppress
from typing import Any, TypeVar, cast

import anthropic
import httpx2

from archwright.errors import ModelError, ModelRefused, ModelRetryable
from archwright.model.answers import SLOW_S, Silences, events_of, known_of
from archwright.model.batches import result_of
from archwright.model.events import Event
from archwright.model.failures import failure_of_answer
from archwright.model.messages import prompt_tokens
from archwright.model.ports import ModelCard, ModelEvent, ModelRequest, Reply, ToolCallDone, Waiting
from archwright.model.streamed import BROKEN_OFF, Streamed
from archwright.model.waiting import patiently

T = TypeVar("T")
API_URL = "https://api.anthropic.com"
_CONNECT_S = 10.0
_NET_S = 30.0
_KEEP = {"type": "ephemeral"}
_MARKS_MAX = 4
_SECRET_MIN = 8
"""A shorter key, as local servers get one, is a word and no secret."""
_NOT_THE_PROTOCOL = (ValueError, KeyError, TypeError, AttributeError)


_Client = anthropic.AsyncAnthropic | anthropic.AsyncAnthropicBedrockMantle
_Stream = anthropic.AsyncStream[anthropic.types.RawMessageStreamEvent]


class ClaudeModel:
    """A `Model` over the Messages API of Anthropic or of any server that speaks it.

    `stall_s` is how many seconds may pass without a byte, `first_s` how many before the model's first word, for which
    a model on a small machine takes minutes (by default the same). Without `claude` the server gets only what every
    Messages API knows: no thinking, no prompt caching, no diagnostics. `transport` replaces the network, `client`
    all that the key and the address would make.
    """

    def __init__(
        self,
        api_key: str,
        base_url: str | None = None,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        stall_s: float = 60,
        first_s: float | None = None,
        claude: bool = True,
        cards: tuple[ModelCard, ...] = (),
        client: _Client | None = None,
    ) -> None:
        self._secret = api_key
        self._silences = Silences(max(stall_s, first_s or 0), stall_s)
        self._claude = claude
        self._cards = cards
        self._client = client or anthropic.AsyncAnthropic(
            api_key=api_key,
            base_url=_url(base_url or API_URL),
            max_retries=0,
            timeout=_timeout(self._silences.first_s),
            http_client=_http(transport),
        )

    def cards(self) -> tuple[ModelCard, ...]:
        return self._cards

    async def close(self) -> None:
        await self._client.close()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        started, first_ms, slow_s = time.perf_counter(), None, SLOW_S
        body = self._body(request)
        turn, told = Streamed(request.model, _tool_use_ids(request), lambda: prompt_tokens(body)), set[str]()
        try:
            async with aclosing(self._events(body, turn)) as events:
                async for event in events:
                    done = turn.take(event)
                    if first_ms is None and turn.has_begun:
                        first_ms = _ms_since(started)
                    for part in done:
                        told.update([part.id] if isinstance(part, ToolCallDone) else [])
                        yield part
                    if first_ms is None and time.perf_counter() - started >= slow_s:
                        yield Waiting(slow_s)
                        slow_s += SLOW_S
        except (anthropic.APIError, httpx2.HTTPError, ModelError, *_NOT_THE_PROTOCOL) as error:
            # A connection that breaks after the stop reason costs nothing: the turn is there.
            if not turn.is_whole:
                raise self._named(error, known_of(turn, first_ms, _ms_since(started))) from error
        if not turn.is_whole:
            raise ModelRetryable(BROKEN_OFF, **known_of(turn, first_ms, _ms_since(started)))
        reply = turn.reply(first_ms, _ms_since(started))
        for call in reply.tool_calls:
            if call.id not in told:
                yield call
        yield reply

    async def batch(
        self, requests: Mapping[str, ModelRequest], *, poll_s: float = 20, began: Callable[[str], object] | None = None
    ) -> dict[str, Reply | ModelError]:
        """Return the turns of many requests, each under its name, by the Message Batches API: at half the price, often
        within the hour and at most after a day. A request that came to nothing has the reason in its place.

        Names are at most 64 letters, digits, `_` and `-`. `began` is told the id of the batch. While it waits, a
        failure that may pass is waited out. Raises ModelRetryable when the batch could not be sent, ModelRefused."""
        params = [{"custom_id": name, "params": self._batched(request)} for name, request in requests.items()]
        batches = self._client.messages.batches
        sent = await self._told(lambda: batches.create(requests=cast(Any, params)))
        status = sent.processing_status
        if began is not None:
            began(sent.id)
        while status != "ended":
            await asyncio.sleep(poll_s)
            with suppress(ModelRetryable):
                status = (await self._told(lambda: batches.retrieve(sent.id))).processing_status
        found = await self._told(lambda: self._results(sent.id))
        return {name: result_of(found.get(name, {})) for name in requests}

    async def _results(self, batch_id: str) -> dict[str, dict[str, Any]]:
        lines = await self._client.messages.batches.results(batch_id)
        return {line.custom_id: line.to_dict() async for line in lines}

    async def _told(self, call: Callable[[], Awaitable[T]]) -> T:
        """Make a call, with its errors in our words."""
        try:
            return await call()
        except (anthropic.AnthropicError, httpx2.HTTPError, *_NOT_THE_PROTOCOL) as error:
            raise self._named(error, {}) from error

    def _batched(self, request: ModelRequest) -> dict[str, Any]:
        """The body of a request in a batch: the same but for diagnostics, which compare it with an earlier turn."""
        return {name: value for name, value in self._body(request).items() if name != "diagnostics"}

    async def _events(self, body: dict[str, Any], turn: Streamed) -> AsyncGenerator[Event | Waiting, None]:
        """Yield what the server says; before the model's first word also that nothing came for a while."""
        async with aclosing(patiently(self._open(body), self._silences.first_s, SLOW_S)) as opening:
            async for stream in opening:
                if isinstance(stream, Waiting):
                    yield stream
                    continue
                async with stream, aclosing(events_of(stream.response, turn, self._silences)) as events:
                    async for event in events:
                        yield event

    async def _open(self, body: dict[str, Any]) -> _Stream:
        try:
            stream: _Stream = await self._client.messages.create(**body, stream=True)
            return stream
        except (ValueError, TypeError) as error:
            raise ModelRefused(f"The request could not be written ({type(error).__name__}).") from error

    def _body(self, request: ModelRequest) -> dict[str, Any]:
        body: dict[str, Any] = {"model": request.model, "max_tokens": request.max_tokens}
        if request.tools:
            body["tools"] = list(request.tools)
        if request.system:
            body["system"] = request.system
        body["messages"] = list(request.messages)
        if self._claude:
            body |= _cacheable(request)
            body["thinking"] = {"type": "adaptive"}
            body["cache_control"] = {"type": "ephemeral"}
            body["diagnostics"] = {"previous_message_id": request.previous_message_id}
        return body

    def _named(self, error: Exception, known: Mapping[str, Any]) -> ModelError:
        """Say what went wrong in our words, with what is known of its cost and its work, and never with the key."""
        named = self._classified(error)
        detail = named.detail.replace(self._secret, "…") if len(self._secret) >= _SECRET_MIN else named.detail
        return type(named)(detail, **named.extra, **known)

    def _classified(self, error: Exception) -> ModelError:
        if isinstance(error, ModelError):
            return error
        if isinstance(error, anthropic.APIStatusError):
            return failure_of_answer(error.status_code, error.body, error.response.headers)
        cause = error.__cause__ if isinstance(error, anthropic.APIConnectionError) else error
        if isinstance(cause, httpx2.UnsupportedProtocol | httpx2.LocalProtocolError | httpx2.InvalidURL):
            return ModelRefused(f"The request could not be sent ({type(cause).__name__}): check the URL and the key.")
        if isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout):
            return ModelRetryable(f"The model at {self._client.base_url.netloc.decode()} cannot be reached.")
        if isinstance(cause, httpx2.TimeoutException):
            return ModelRetryable(f"The model sent nothing for {self._silences.later_s:g} seconds.")
        if isinstance(cause, httpx2.HTTPError | OSError):
            return ModelRetryable(f"The connection to the model broke ({type(cause).__name__}).")
        if cause is not None and cause is not error:
            raise cause  # a bug below the SDK, in a transport of ours: it must not look like the network
        return ModelRetryable(f"The model's answer could not be read ({type(error).__name__}).")


def _cacheable(request: ModelRequest) -> dict[str, Any]:
    """The parts of a body with the marks up to which the provider is to keep them, beside the automatic one at the end:
    the system prompt with the tools before it, and where the request says. At most four marks are allowed."""
    messages = list(request.messages)
    for index in request.cached[: _MARKS_MAX - 2]:
        content = messages[index]["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        messages[index] = {**messages[index], "content": [*blocks[:-1], {**blocks[-1], "cache_control": _KEEP}]}
    system = [{"type": "text", "text": request.system, "cache_control": _KEEP}] if request.system else []
    return {"messages": messages, **({"system": system} if system else {})}


class BedrockModel(ClaudeModel):
    """A `Model` over the Messages API of Amazon Bedrock: the same requests, events and faults as Claude's own.

    Of the SDK's two clients this takes the one for the endpoint `bedrock-mantle`: the other, for `bedrock-runtime`,
    speaks Amazon's binary event stream, for which it needs botocore whatever the credentials are. Its models are
    named `anthropic.claude-…`. It refuses `strict` in a tool and knows no diagnostics; calls are validated anyway.

    Credentials are those that the SDK finds: a Bedrock API key in AWS_BEARER_TOKEN_BEDROCK, else the chain of AWS,
    for which it needs boto3. `base_url` is by default the region's endpoint.
    """

    def __init__(
        self,
        region: str,
        base_url: str | None = None,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        stall_s: float = 60,
        first_s: float | None = None,
    ) -> None:
        client = anthropic.AsyncAnthropicBedrockMantle(
            aws_region=region,
            base_url=_url(base_url, "ARCHWRIGHT_BEDROCK_URL") if base_url else None,
            max_retries=0,
            timeout=_timeout(max(stall_s, first_s or 0)),
            http_client=_http(transport),
        )
        super().__init__(client.api_key or "", stall_s=stall_s, first_s=first_s, client=client)

    async def _open(self, body: dict[str, Any]) -> _Stream:
        try:
            return await super()._open(body)
        except ImportError as error:
            said = "Without AWS_BEARER_TOKEN_BEDROCK requests are signed, which needs boto3: install archwright[aws]."
            raise ModelRefused(said) from error
        except Exception as error:
            if not _is_of_credentials(error):
                raise
            raise ModelRefused(f"There are no AWS credentials to ask Amazon Bedrock with: {error}.") from error

    def _body(self, request: ModelRequest) -> dict[str, Any]:
        body = super()._body(request)
        if request.tools:
            body["tools"] = [{name: tool[name] for name in tool if name != "strict"} for tool in request.tools]
        return {name: value for name, value in body.items() if name != "diagnostics"}


def _is_of_credentials(error: Exception) -> bool:
    """Whether signing failed: the SDK says so in a RuntimeError, and botocore in errors that may not be imported."""
    return type(error) is RuntimeError or type(error).__module__.partition(".")[0] == "botocore"


def _timeout(silence_s: float) -> httpx2.Timeout:
    # The limits to a server's silence are kept here; the client's own is a net below them.
    return httpx2.Timeout(silence_s + _NET_S, connect=min(_CONNECT_S, silence_s))


def _http(transport: httpx2.AsyncBaseTransport | None) -> httpx2.AsyncClient | None:
    return httpx2.AsyncClient(transport=transport) if transport else None


def _url(text: str, setting: str = "ANTHROPIC_BASE_URL") -> httpx2.URL:
    try:
        return httpx2.URL(text)
    except httpx2.InvalidURL as error:
        raise ModelRefused(f"{setting} is no URL: {error}.") from error


def _tool_use_ids(request: ModelRequest) -> Iterator[str]:
    for message in request.messages:
        if isinstance(message["content"], list):
            yield from (block["id"] for block in message["content"] if block["type"] == "tool_use")


def _ms_since(started: float) -> float:
    return round((time.perf_counter() - started) * 1_000, 1)
