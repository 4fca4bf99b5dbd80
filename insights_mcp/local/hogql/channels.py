"""The channel a session came through, by its campaign marks and referrer.

The order of the rules is PostHog's; where it looks names up among thousands, these are the well-known ones.
"""

from insights_mcp.local.hogql.entries import entry_text

_SEARCH = "google|bing|yahoo|duckduckgo|baidu|yandex|ecosia|naver|qwant|brave|startpage|perplexity"
_SOCIAL = (
    "facebook|fb|instagram|ig|twitter|t[.]co|x[.]com|linkedin|lnkd|reddit|pinterest|tiktok|snapchat|threads|quora"
    "|mastodon|bsky|discord|telegram|whatsapp|weibo|vk|news[.]ycombinator|hackernews"
)
_VIDEO = "youtube|youtu[.]be|vimeo|twitch|dailymotion|netflix|hulu"
_SHOPPING = "amazon|ebay|etsy|walmart|shopify|aliexpress|alibaba|mercadolibre|shopping"


def _first(key: str) -> str:
    return f"lower({entry_text(key)})"


def _is(text: str, words: str) -> str:
    return f"match({text}, '(^|[^a-z])({words})([^a-z]|$)')"


def _channel() -> str:
    source, medium, campaign = _first("utm_source"), _first("utm_medium"), _first("utm_campaign")
    domain = _first("$referring_domain")
    click, gad_source = _first("gclid"), _first("gad_source")
    known = f"concat({source}, ' ', {domain})"
    paid = f"(match({medium}, '^(cp.|ppc|retargeting|paid.*)$') OR {click} != '' OR {gad_source} != '')"
    shops = f"match({campaign}, '^(.*(([^a-df-z]|^)shop|shopping).*)$')"

    def by_name(kind: str) -> str:
        return (
            f"{_is(known, _SHOPPING)} OR {shops}, '{kind} Shopping', {_is(known, _VIDEO)}, '{kind} Video', "
            f"{_is(known, _SEARCH)}, '{kind} Search', {_is(known, _SOCIAL)}, '{kind} Social', "
        )

    return (
        f"multiIf(position({campaign}, 'cross-network') > 0, 'Cross Network', "
        f"{paid}, multiIf({by_name('Paid')}{gad_source} = '1', 'Paid Search', "
        f"position({campaign}, 'video') > 0, 'Paid Video', 'Paid Unknown'), "
        f"{domain} IN ('$direct', '') AND {medium} = '' AND {source} = '', 'Direct', "
        f"{medium} IN ('email', 'e-mail', 'newsletter') OR {source} IN ('email', 'newsletter'), 'Email', "
        f"{medium} = 'sms' OR {source} = 'sms', 'SMS', {medium} = 'push' OR {source} = 'push', 'Push', "
        f"{medium} = 'affiliate', 'Affiliate', {medium} = 'audio', 'Audio', "
        f"{by_name('Organic')}{medium} = 'social', 'Organic Social', "
        f"{medium} = 'organic', 'Organic Search', position({campaign}, 'video') > 0, 'Organic Video', "
        f"{medium} = 'referral' OR {domain} NOT IN ('$direct', ''), 'Referral', 'Unknown')"
    )


CHANNEL_TYPE = _channel()
