"""What the caller used, what is left, and when it renews."""

from fastapi import APIRouter, Response

from archwright.access.limits import left_of, renews_at
from archwright.api.auth import Owner
from archwright.api.problems import declared
from archwright.api.schemas import UsageOut, json_response
from archwright.api.services import Here

router = APIRouter(tags=["access"])


@router.get("/usage", operation_id="readUsage", response_model=UsageOut, responses=declared(503))
async def read_usage(here: Here, owner: Owner) -> Response:
    """Today's use (UTC) of the caller; a limit that is null is none."""
    account, limits = await here.ledger.account(owner), here.ledger.limits
    left = left_of(account, limits.day_tokens, limits.day_usd)
    shown = {
        "day": account.day,
        "renews_at": renews_at(account.day),
        "jobs": account.jobs,
        "active_jobs": account.running,
        "output_tokens": account.tokens,
        "cost_usd": round(account.cost_usd, 9),
        "limits": limits.model_dump(),
        "left": {"output_tokens": left.tokens, "cost_usd": left.cost_usd},
    }
    return json_response(shown)
