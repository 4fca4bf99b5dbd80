"""Words of product analytics that mean the same: what a person asks for, and what the event was called."""

from collections.abc import Mapping
from functools import cache

from insights_mcp.server.discovery.words import stem

# One group a line. `signup` is also sign_up and signUp: two words of a name are looked up together, too.
_GROUPS = (
    "signup register registration enroll create_account account_created join",
    "login signin logon authenticate sign_in",
    "logout signout logoff",
    "pay paid payment purchase buy bought order charge transaction billing invoice spend",
    "checkout purchase buy order",
    "revenue amount price mrr arr income money sales value total gmv cost",
    "subscribe subscription upgrade paid",
    "cancel cancellation churn unsubscribe downgrade leave left terminate",
    "view visit pageview screenview see seen open read traffic impression page",
    "click tap press autocapture button",
    "invite invitation refer referral",
    "share sharing publish shared",
    "delete remove trash destroy archive",
    "create new add make made start",
    "edit update change modify save",
    "finish complete completed done success succeed end submit",
    "error exception fail failure failed crash bug problem issue rageclick",
    "search find query lookup",
    "upload import attach",
    "download export",
    "message chat comment reply send sent post",
    "email mail newsletter",
    "onboard onboarding activate activation welcome tutorial",
    "trial demo",
    "convert conversion",
    "country geo geoip region location city where",
    "language locale",
    "device mobile desktop phone platform",
    "browser user_agent",
    "os operating_system",
    "source referrer referer referring utm channel campaign medium acquisition",
    "company organization organisation team workspace account group tenant customer",
    "plan tier package pricing",
    "cart basket bag",
    "product item sku article",
    "play watch video stream listen",
    "install setup",
    "feature flag experiment variant",
    "session visit",
    "page url path pathname link address",
)


def are_synonyms(one: str, other: str) -> bool:
    """Return whether two stems mean about the same."""
    groups = _groups()
    return not groups.get(one, frozenset()).isdisjoint(groups.get(other, frozenset()))


@cache
def _groups() -> Mapping[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for number, group in enumerate(_GROUPS):
        for word in group.split():
            found.setdefault("".join(map(stem, word.split("_"))), set()).add(number)
    return {word: frozenset(numbers) for word, numbers in found.items()}
