"""The store in one DynamoDB table."""

from archwright.store.dynamodb.client import connect, create_table, table_definition
from archwright.store.dynamodb.store import DynamoStore

__all__ = ["DynamoStore", "connect", "create_table", "table_definition"]
