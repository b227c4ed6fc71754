"""Every setting, once. The only reader of the environment."""

import os
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.request import getproxies, proxy_bypass

from platformdirs import user_data_path
from pydantic import AliasChoices, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from archwright.access.addresses import Proxies, PublicUrl, read_proxies, read_public_urls
from archwright.access.limits import Limits
from archwright.errors import InvalidRequest
from archwright.jobs.model import Budget
from archwright.setting_values import (
    bare,
    base_url,
    needed_proxy,
    one_word,
    readable_exceptions,
    usable_proxy,
    whole_path,
)  # fmt: skip

_CLAUDE, _BEDROCK = "https://api.anthropic.com", "https://bedrock-mantle.api.aws"


class Settings(BaseSettings):
    """Settings from `ARCHWRIGHT_*`; `ANTHROPIC_API_KEY` and `ANTHROPIC_BASE_URL` keep their usual names."""

    model_config = SettingsConfigDict(env_prefix="ARCHWRIGHT_", extra="ignore", populate_by_name=True)

    data_dir: Path = Field(
        default_factory=lambda: user_data_path("archwright"), description="Where SQLite keeps everything"
    )
    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8000, ge=0, le=65_535, description="Port to listen on; 0 takes a free one")
    uds: Path | None = Field(None, description="Path of a unix socket to listen on, for a proxy; then no port is")
    public_url: str = Field("", description="Addresses at which people reach the server, by commas; a path may follow")
    trusted_proxies: str = Field(
        "", description="Whose X-Forwarded-… headers are believed: addresses, networks or unix, by commas"
    )
    listen_fds: int = Field(
        0, ge=0, validation_alias=AliasChoices("LISTEN_FDS"), description="Sockets that systemd hands over"
    )
    listen_pid: int | None = Field(
        None, validation_alias=AliasChoices("LISTEN_PID"), description="The process that they are for"
    )
    display: str | None = Field(None, validation_alias=AliasChoices("DISPLAY"), description="The screen, under X11")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="debug, info, warning or error")

    anthropic_api_key: str | None = Field(
        None,
        validation_alias=AliasChoices("ANTHROPIC_API_KEY"),
        description="Key of the Claude API",
        repr=False,
    )
    anthropic_base_url: str | None = Field(
        None,
        validation_alias=AliasChoices("ANTHROPIC_BASE_URL"),
        description="Any server that speaks the Messages API",
    )
    model: str | None = Field(None, description="Default model; without it the best that is configured")
    local_models: str = Field(
        "", description="Names of models that ANTHROPIC_BASE_URL serves at no charge, separated by commas"
    )
    bedrock_models: str = Field(
        "", description="Models to ask on Amazon Bedrock, such as anthropic.claude-sonnet-5-5, separated by commas"
    )
    bedrock_region: str | None = Field(
        None,
        validation_alias=AliasChoices("ARCHWRIGHT_BEDROCK_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"),
        description="Region of Amazon Bedrock; without it AWS_REGION",
    )
    bedrock_url: str | None = Field(None, description="Another address of Bedrock's Messages API than the region's")
    fallback_models: str = Field(
        "", description="Models that stand in, in this order, for one that is overloaded or down, separated by commas"
    )
    fallback_after_s: float = Field(
        10, ge=0, description="Seconds for which a failing model is retried before the next one is asked"
    )
    offline_pace: float = Field(
        1.0,
        ge=0,
        description="How fast the offline planner streams: 1 as a model, 0 at once, 2 twice as slow",
    )

    worker_concurrency: int = Field(8, ge=0, le=256, description="Jobs run at once by one server process")
    lease_s: float = Field(60, gt=0, description="Seconds that a job's lease lasts")
    lease_renew_s: float = Field(15, gt=0, description="Seconds between renewals of a lease")
    lease_grace_s: float = Field(15, ge=0, description="Seconds after expiry at which a poll re-queues the job")
    max_attempts: int = Field(
        3,
        ge=1,
        description="Deaths of its workers without a new turn, two of them alone, before a job fails as poison",
    )
    model_stall_s: float = Field(60, gt=0, description="Seconds without a byte from the model that end a call")
    model_first_s: float | None = Field(
        None,
        gt=0,
        description="Seconds to wait for a model's first word; without it 120, and 600 for a model on a local address",
    )
    model_retry_s: float = Field(120, ge=0, description="Seconds for which a failing model call is retried")
    drain_s: float = Field(10, ge=0, description="Seconds that a stopping server gives its jobs to hand over")

    job_turns: int = Field(40, ge=1, description="Turns a job may take")
    job_output_tokens: int = Field(200_000, ge=1, description="Output tokens a job may use")
    job_cost_usd: float = Field(5.0, gt=0, description="US dollars a job may cost")
    job_wall_s: float = Field(1_800, gt=0, description="Seconds a job may take from its start")

    approve_above_usd: float | None = Field(
        None, ge=0, description="US dollars from which on a plan waits for a person, unless the request says otherwise"
    )

    limit_user_requests: int | None = Field(None, ge=1, description="Requests a minute of one user")
    limit_address_requests: int | None = Field(None, ge=1, description="Requests a minute from one address")
    limit_active_jobs: int | None = Field(None, ge=1, description="Jobs that one user may have at once")
    limit_session_tokens: int | None = Field(None, ge=0, description="Output tokens that a session may use, ever")
    limit_session_usd: float | None = Field(None, ge=0, description="US dollars that a session may cost, ever")
    limit_day_tokens: int | None = Field(None, ge=0, description="Output tokens of one user in a day (UTC)")
    limit_day_usd: float | None = Field(None, ge=0, description="US dollars of one user in a day (UTC)")

    stack: str = Field("archwright", description="On AWS: the stack's name, which its metrics carry")
    table: str | None = Field(None, description="On AWS: the DynamoDB table")
    queue_url: str | None = Field(None, description="On AWS: the address of the SQS queue of jobs")
    answer_bytes: int = Field(
        32_000_000, ge=10_000, description="About the most bytes of one answer; what is longer is read in pages"
    )
    files_bucket: str | None = Field(None, description="On AWS: the S3 bucket of large exports")
    model_key_parameter: str | None = Field(
        None, description="On AWS: the SSM parameter or Secrets Manager secret (by ARN) that holds the Claude key"
    )
    proxy_secret: str | None = Field(
        None, repr=False, description="On AWS: what CloudFront tells the API, so that it believes a caller's address"
    )
    drain_left_s: float = Field(45, gt=0, description="On AWS: seconds before a function's end at which it hands over")

    allow_anonymous: bool = Field(False, description="Listen beyond this machine though nobody signs in")
    clerk_publishable_key: str | None = Field(None, description="Clerk's publishable key; the editor signs in with it")
    clerk_jwt_keys: str = Field("", description="Clerk's public keys (PEM), one after the other; two while they rotate")
    clerk_issuer: str | None = Field(None, description="Clerk's address, the `iss` of its tokens")
    clerk_authorized_parties: str = Field("", description="Origins whose tokens are taken (`azp`), by commas")

    @model_validator(mode="before")
    @classmethod
    def _cleaned(cls, given: Any) -> Any:
        """Empty text is no setting."""
        texts = {name: bare(value) if isinstance(value, str) else value for name, value in dict(given).items()}
        return {name: value for name, value in texts.items() if value != ""}

    @field_validator("data_dir", "uds")
    @classmethod
    def _path(cls, path: Path | None) -> Path | None:
        return path and whole_path(path)

    @field_validator("host")
    @classmethod
    def _host(cls, host: str) -> str:
        return host.removeprefix("[").removesuffix("]")

    @field_validator("anthropic_api_key", "proxy_secret")
    @classmethod
    def _secret(cls, secret: str | None) -> str | None:
        return secret and one_word(secret)

    @field_validator("anthropic_base_url", "bedrock_url")
    @classmethod
    def _base_url(cls, url: str | None) -> str | None:
        return url and base_url(url)

    @field_validator("public_url")
    @classmethod
    def _urls(cls, text: str) -> str:
        return ",".join(map(str, read_public_urls(text)))

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies(cls, text: str) -> str:
        read_proxies(text)
        return text

    @cached_property
    def public_urls(self) -> tuple[PublicUrl, ...]:
        return read_public_urls(self.public_url)

    @cached_property
    def proxies(self) -> Proxies:
        return read_proxies(self.trusted_proxies)

    @cached_property
    def limits(self) -> Limits:
        return Limits(**{name: getattr(self, f"limit_{name}") for name in Limits.model_fields})

    @cached_property
    def budget(self) -> Budget:
        return Budget(
            turns=self.job_turns,
            output_tokens=self.job_output_tokens,
            cost_usd=self.job_cost_usd,
            wall_s=self.job_wall_s,
        )

    @property
    def asked_for_models(self) -> tuple[str, ...]:
        """The addresses that the configured models are asked at."""
        claude = (self.anthropic_base_url or _CLAUDE,) if self.anthropic_api_key or self.local_models else ()
        return (*claude, self.bedrock_url or _BEDROCK) if self.bedrock_models else claude


def read_settings(**given: Any) -> Settings:
    """Return the settings of the environment, and those given above them.

    Raises InvalidRequest, which says in one sentence what is wrong with which variables.
    """
    try:
        settings = Settings(**given)
    except ValidationError as error:
        raise InvalidRequest("; ".join(_wrong(found) for found in error.errors()) + ".") from None
    _mend_proxies(settings)
    return settings


def _wrong(found: Any) -> str:
    """What is wrong with one variable; a secret is not told."""
    name = str(found["loc"][0]) if found["loc"] else ""
    own = {field.validation_alias.choices[0]: key for key, field in Settings.model_fields.items()
           if isinstance(field.validation_alias, AliasChoices)}  # fmt: skip
    field = Settings.model_fields[own.get(name, name)]
    variable = name if name in own else f"ARCHWRIGHT_{name.upper()}"
    said = f" is {str(found['input'])[:100]!r}, but" if field.repr else ":"
    reason = str(found["msg"]).removeprefix("Value error, ").rstrip(".")
    return f"{variable}{said} {reason[:1].lower()}{reason[1:]}"


def _mend_proxies(settings: Settings) -> None:
    """Take out of the environment the proxies that are none for HTTP, when nothing is asked through them, and what is
    no exception from them: the clients of the models read these variables themselves, and end at such a one.

    Raises InvalidRequest when a model would be asked through one.
    """
    proxies = {name: url for name, url in getproxies().items() if name in ("http", "https", "all")}
    needed = needed_proxy(proxies, settings.asked_for_models, proxy_bypass)
    if needed:
        raise InvalidRequest(
            f"{needed[0].upper()}_PROXY is {needed[1][:100]!r}, which is no HTTP proxy; name one in HTTPS_PROXY, or "
            "unset it."
        )
    for name, url in proxies.items():
        _set_proxy(name, usable_proxy(url))
    _set_proxy("no", readable_exceptions(getproxies().get("no", "")))


def _set_proxy(name: str, value: str | None) -> None:
    """Change a variable of proxies where it is set, in either spelling; none is removed."""
    for variable in (f"{name}_proxy", f"{name.upper()}_PROXY"):
        if value and variable in os.environ:
            os.environ[variable] = value
        elif variable in os.environ:
            del os.environ[variable]
