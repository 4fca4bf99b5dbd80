"""Who comes to the demo product: browsers, countries, channels, companies."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")

# (value, weight)
_SYSTEMS = (("Mac OS X", 38), ("Windows", 34), ("iOS", 13), ("Android", 11), ("Linux", 4))
_BROWSERS = {
    "Mac OS X": (("Safari", 46), ("Chrome", 46), ("Firefox", 8)),
    "Windows": (("Chrome", 62), ("Microsoft Edge", 28), ("Firefox", 10)),
    "iOS": (("Mobile Safari", 88), ("Chrome iOS", 12)),
    "Android": (("Chrome", 90), ("Samsung Internet", 10)),
    "Linux": (("Firefox", 55), ("Chrome", 45)),
}
_VERSIONS = {"Safari": 26, "Mobile Safari": 26, "Firefox": 145}
_COUNTRIES = (("US", 40), ("GB", 14), ("DE", 13), ("FR", 9), ("IN", 8), ("BR", 6), ("NL", 5), ("JP", 5))
_PLANS = (("team", 70), ("business", 30))
_INDUSTRIES = ("software", "media", "education", "finance", "retail", "health")
_FIRST_NAMES = ("Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Radia", "Ken", "Margaret", "Linus", "Frances")
_LAST_NAMES = ("Moreau", "Okafor", "Lindqvist", "Tanaka", "Alvarez", "Novak", "Haddad", "Kim", "Fischer", "Silva")


@dataclass(frozen=True)
class Channel:
    """How somebody came, and how likely they are to sign up."""

    name: str
    referring_domain: str
    weight: int
    signs_up: float
    utm_source: str | None = None


CHANNELS = (
    Channel("search", "www.google.com", 38, 0.22),
    Channel("direct", "$direct", 26, 0.26),
    Channel("ads", "www.google.com", 14, 0.11, utm_source="google_ads"),
    Channel("newsletter", "mail.example", 9, 0.3, utm_source="newsletter"),
    Channel("social", "www.linkedin.com", 13, 0.12, utm_source="linkedin"),
)
REFERRAL = Channel("referral", "quill.example", 0, 0.55, utm_source="invite")


@dataclass(frozen=True)
class Visitor:
    """One person as the product meets them. `user_id` is their distinct id once they signed up."""

    number: int
    anonymous_id: str
    user_id: str
    name: str
    email: str
    system: str
    browser: str
    browser_version: int
    country: str
    channel: Channel
    wants_plan: str
    company: str | None
    industry: str
    company_size: int

    @property
    def device_type(self) -> str:
        """Return Desktop or Mobile."""
        return "Mobile" if self.system in ("iOS", "Android") else "Desktop"


def make_visitor(number: int, rng: Random, channel: Channel | None = None) -> Visitor:
    """Return the visitor of this number; the same for the same state of `rng`."""
    system = pick(rng, _SYSTEMS)
    browser = pick(rng, _BROWSERS[system])
    first, last = rng.choice(_FIRST_NAMES), rng.choice(_LAST_NAMES)
    # Few companies, so that each has several users.
    company = f"company-{rng.randrange(160):03d}" if rng.random() < 0.45 else None
    return Visitor(
        number=number,
        anonymous_id=str(UUID(int=rng.getrandbits(128), version=4)),
        user_id=f"user-{number:05d}",
        name=f"{first} {last}",
        email=f"{first}.{last}.{number}@example.com".lower(),
        system=system,
        browser=browser,
        browser_version=_VERSIONS.get(browser, 142) - (rng.random() < 0.2),
        country=pick(rng, _COUNTRIES),
        channel=channel or rng.choices(CHANNELS, [one.weight for one in CHANNELS])[0],
        wants_plan=pick(rng, _PLANS),
        company=company,
        industry=rng.choice(_INDUSTRIES),
        company_size=rng.choice((5, 12, 40, 150, 900)),
    )


def pick(rng: Random, weighted: Sequence[tuple[T, int]]) -> T:
    """Return one of the values, by weight."""
    return rng.choices([value for value, _ in weighted], [weight for _, weight in weighted])[0]
