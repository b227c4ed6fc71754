"""Files in an S3 bucket, whose lifecycle removes them; a browser fetches them there, past the limits of Lambda."""

import asyncio
from typing import Any

from botocore.config import Config  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]
from botocore.session import get_session  # type: ignore[import-untyped]

from archwright.errors import Unavailable

_LINK_S = 600
_MISSING = frozenset({"404", "NoSuchKey", "NotFound"})


def connect(region: str | None = None, endpoint: str | None = None) -> Any:
    """Return a client of S3. Without arguments the surroundings say which region, address and credentials."""
    config = Config(
        connect_timeout=2.0, read_timeout=20.0, retries={"mode": "standard", "total_max_attempts": 3},
        signature_version="s3v4", s3={"addressing_style": "path" if endpoint else "virtual"},
    )  # fmt: skip
    return get_session().create_client("s3", region_name=region, endpoint_url=endpoint, config=config)


class S3Files:
    """`Files` in this bucket; `client` is one that `connect` made."""

    def __init__(self, bucket: str, client: Any) -> None:
        self._bucket = bucket
        self._client = client

    async def put(self, name: str, content: bytes) -> None:
        await self._call(self._client.put_object, Key=name, Body=content)

    async def content(self, name: str) -> bytes | None:
        found = await self._call(self._client.get_object, Key=name)
        return None if found is None else await asyncio.to_thread(found["Body"].read)

    async def link(self, name: str, media_type: str, disposition: str) -> str | None:
        if await self._call(self._client.head_object, Key=name) is None:
            return None
        shown = {"ResponseContentType": media_type, "ResponseContentDisposition": disposition}
        params = {"Bucket": self._bucket, "Key": name, **shown}
        made: str = self._client.generate_presigned_url("get_object", Params=params, ExpiresIn=_LINK_S)
        return made

    async def close(self) -> None:
        await asyncio.to_thread(self._client.close)

    async def _call(self, operation: Any, **given: Any) -> Any:
        """The answer of S3, or None when there is no such file. Raises Unavailable."""
        try:
            return await asyncio.to_thread(lambda: operation(Bucket=self._bucket, **given))
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return None
            raise Unavailable(f"S3 does not answer: {error}.") from error
        except BotoCoreError as error:
            raise Unavailable(f"S3 does not answer: {error}.") from error
