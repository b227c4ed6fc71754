"""The client, and the table as it must be. The client is botocore's: boto3 gives the same one after 0.2 s more."""

from typing import Any

from botocore.config import Config  # type: ignore[import-untyped]
from botocore.session import get_session  # type: ignore[import-untyped]

from archwright.store.dynamodb.keys import BY_OWNER

CONNECT_TIMEOUT_S = 2.0
READ_TIMEOUT_S = 8.0


def connect(region: str | None = None, endpoint: str | None = None, *, threads: int = 16) -> Any:
    """Return a client of DynamoDB for so many threads. Without arguments the surroundings say which region, which
    address and whose credentials. It tries each call once: `Table` decides what is worth another try."""
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        max_pool_connections=threads,
        retries={"mode": "standard", "total_max_attempts": 1},
        tcp_keepalive=True,
    )
    return get_session().create_client("dynamodb", region_name=region, endpoint_url=endpoint, config=config)


def table_definition(name: str) -> dict[str, Any]:
    """Return the table as CreateTable takes it. The index holds keys alone, which an edit never changes: so an edit
    costs nothing there."""
    strings = ("PK", "SK", "GSI1PK", "GSI1SK")
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": attribute, "AttributeType": "S"} for attribute in strings],
        "KeySchema": _key_schema("PK", "SK"),
        "GlobalSecondaryIndexes": [
            {
                "IndexName": BY_OWNER,
                "KeySchema": _key_schema("GSI1PK", "GSI1SK"),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    }


def create_table(client: Any, name: str) -> None:
    """Create the table and wait until it is there; items whose time `expires` has come are removed by it."""
    client.create_table(**table_definition(name))
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    client.update_time_to_live(TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})


def _key_schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]
