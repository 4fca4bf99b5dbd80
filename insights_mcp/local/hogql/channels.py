"""The channel someone came through, by campaign marks, click ids and the referring site.

The rules and their order are PostHog's (posthog.com/docs/data/channel-type). Where it looks names up among thousands,
these are the well-known ones: a name is a source, a whole domain, or the domain's first significant part.
"""

from collections.abc import Callable, Mapping, Sequence

from insights_mcp.local.hogql.entries import entry_text

_SITES: Mapping[str, str] = {
    "Search": (
        "360 aol ask auone avg babylon baidu biglobe bing daum dogpile duckduckgo ecosia exalead excite google goo"
        " incredimail info kagi kvasir lycos mojeek naver neeva petal presearch qwant rambler seznam so sogou startpage"
        " swisscows yahoo yandex ya yep zoo"
    ),
    "Social": (
        "badoo bebo blogger blogspot bsky buzzfeed buffer dailystrength deviantart digg discord disqus facebook fb"
        " flickr flipboard foursquare goodreads hackernews hootsuite ig imgur instagram kakao kakaotalk line linkedin"
        " lnkd mastodon medium meetup messenger mix myspace nextdoor ok pinterest plurk pocket producthunt quora reddit"
        " renren scoop slashdot snapchat stackexchange stackoverflow stumbleupon taringa telegram threads"
        " tiktok tumblr twitter typepad viadeo vk vkontakte wechat weibo weheartit whatsapp wordpress xing yammer yelp"
        " zalo"
    ),
    "Video": "bilibili dailymotion disneyplus hulu netflix rumble twitch ustream veoh vimeo wistia youku youtube",
    "Shopping": (
        "alibaba aliexpress amazon bestbuy ebay etsy flipkart googleshopping lazada mercadolibre mercadolivre"
        " rakuten shein shopee shopify shopping shopzilla stripe target temu tmall walmart wayfair wish"
    ),
}
# Whole names, where the site they belong to says something else or nothing.
_NAMES: Mapping[str, str] = {
    "t.co": "Social",
    "x.com": "Social",
    "t.me": "Social",
    "wa.me": "Social",
    "fb.me": "Social",
    "bit.ly": "Social",
    "youtu.be": "Video",
    "plus.google.com": "Social",
    "groups.google.com": "Social",
    "mail.google.com": "Email",
    "com.google.android.gm": "Email",
    "com.google.android.googlequicksearchbox": "Search",
    "com.linkedin.android": "Social",
    "com.reddit.frontpage": "Social",
    "com.slack": "Social",
    "com.twitter.android": "Social",
    "com.facebook.katana": "Social",
    "com.instagram.android": "Social",
    "org.telegram.messenger": "Social",
    "com.apple.mobilemail": "Email",
    "mail.yahoo.com": "Email",
    "mail.aol.com": "Email",
    "outlook.live.com": "Email",
    "mail.yandex.ru": "Email",
    "shopping.google.com": "Shopping",
    "shopping.yahoo.co.jp": "Shopping",
    "shopping.yahoo.com": "Shopping",
    "news.ycombinator.com": "Social",
    "search.brave.com": "Search",
    "360.cn": "Search",
}
_PAID_MEDIUMS = ("cpc", "cpm", "cpv", "cpa", "ppc", "retargeting")
_DIRECT_SOURCES = ("", "(direct)", "direct", "$direct")
_SOCIAL_MEDIUMS = ("sm", "social", "social media", "social network", "social-media", "social-network")
_DISPLAY_MEDIUMS = ("banner", "cpm", "display", "expandable", "interstitial")
_MEDIUMS_WHEN_PAID = {
    **dict.fromkeys(_DISPLAY_MEDIUMS, "Display"),
    **dict.fromkeys(_SOCIAL_MEDIUMS, "Paid Social"),
    "video": "Paid Video",
}
_MEDIUMS = {
    **dict.fromkeys(("affiliate", "partnership", "partnerships"), "Affiliate"),
    **dict.fromkeys(("app", "link", "referral"), "Referral"),
    **dict.fromkeys(("e mail", "e-mail", "e_mail", "email"), "Email"),
    **dict.fromkeys(("mobile", "notification", "push"), "Push"),
    **dict.fromkeys(_DISPLAY_MEDIUMS, "Display"),
    **dict.fromkeys(_SOCIAL_MEDIUMS, "Organic Social"),
    "audio": "Audio",
    "sms": "SMS",
    "video": "Organic Video",
}


def _list(texts: Sequence[str]) -> str:
    return ", ".join(f"'{text}'" for text in texts)


def _look_up(name: str, known: Mapping[str, str]) -> str:
    """Return what is known of a name, '' for an unknown one."""
    branches = [
        f"{name} IN ({_list([one for one in known if known[one] == kind])}), '{kind}', "
        for kind in dict.fromkeys(known.values())
    ]
    return f"multiIf({''.join(branches)}'')"


def _sites(*names: str) -> str:
    """Return the list of the kinds of sites that sources and domains are, each as a whole and by its main part."""
    known = {name: kind for kind, names in _SITES.items() for name in names.split()}
    parts = ", ".join(f"{name}, firstSignificantSubdomain({name})" for name in names)
    # a whole domain has a dot and a main part has none, so that both can be looked up in one list
    return f"arrayMap(name -> {_look_up('name', known | dict(_NAMES))}, [{parts}])"


def look_up_channel(name: str, text: str) -> str:
    """Return the expression of one of LOOKUPS: what is known of a source, a medium or a domain, null without it."""
    text = f"lower(ifNull({text}, ''))"
    if name == "lookupPaidMediumType":
        found = _look_up(text, _MEDIUMS_WHEN_PAID)
    elif name == "lookupOrganicMediumType":
        found = _look_up(text, _MEDIUMS)
    else:
        prefix = {"lookupPaidSourceType": "Paid ", "lookupOrganicSourceType": "Organic "}.get(name, "")
        site = f"arrayFirst(kind -> kind != '', {_sites(text)})"
        named = f"if(kind IN ({_list(tuple(_SITES))}), concat('{prefix}', kind), kind)"
        found = f"arrayMap(kind -> {named}, [{site}])[1]"
    return f"nullIf({found}, '')"


def channel(read: Callable[[str], str]) -> str:
    """Return the expression of a channel. `read` gives the text of an event property, '' without one.

    Each property is read once and named for the rules by a function of lists with one entry each.
    """
    marks = {
        "source": "utm_source",
        "medium": "utm_medium",
        "campaign": "utm_campaign",
        "site": "$referring_domain",
        "gclid": "gclid",
        "gad_source": "gad_source",
        "fbclid": "fbclid",
    }
    # the word null is how some trackers print nothing
    texts = ", ".join(f"[transform(lower({read(key)}), ['null'], [''])]" for key in marks.values())
    is_paid = f"medium IN ({_list(_PAID_MEDIUMS)}) OR startsWith(medium, 'paid') OR concat(gclid, gad_source) != ''"
    inner = f"arrayMap((is_paid, known) -> {_rules()}, [{is_paid}], [{_sites('source', 'site')}])[1]"
    return f"arrayMap(({', '.join(marks)}) -> {inner}, {texts})[1]"


def _rules() -> str:
    has_video = "position(campaign, 'video') > 0"
    # the first that is known: the source, a shop in the campaign (no workshop), the medium, the site, what is left
    kinds = ", ".join(
        (
            "known[1], known[2]",
            "if(match(campaign, '(^|[^a-df-z])shop|shopping'), 'Shopping', '')",
            f"if(is_paid, {_look_up('medium', _MEDIUMS_WHEN_PAID)}, {_look_up('medium', _MEDIUMS)})",
            "known[3], known[4]",
            f"multiIf(is_paid, multiIf(gad_source = '1', 'Search', {has_video}, 'Video', 'Paid Unknown'),"
            f" {has_video}, 'Video', endsWith(medium, 'push'), 'Push', fbclid != '', 'Social',"
            " site = '$direct', 'Direct', site != '', 'Referral', 'Unknown')",
        )
    )
    # nobody knows of paid mail
    named = (
        f"arrayMap(kind -> multiIf(kind IN ({_list(tuple(_SITES))}), concat(if(is_paid, 'Paid ', 'Organic '), kind),"
        f" kind = 'Email' AND is_paid, '', kind), [{kinds}])"
    )
    is_direct = f"site = '$direct' AND concat(medium, fbclid) = '' AND source IN ({_list(_DIRECT_SOURCES)})"
    return (
        f"multiIf(position(campaign, 'cross-network') > 0, 'Cross Network', NOT is_paid AND {is_direct}, 'Direct',"
        f" arrayFirst(channel -> channel != '', {named}))"
    )


def _initial_text(key: str) -> str:
    return f"JSONExtractString({{p}}properties, '$initial_{key.removeprefix('$')}')"


LOOKUPS = (
    "lookupDomainType",
    "lookupPaidSourceType",
    "lookupPaidMediumType",
    "lookupOrganicSourceType",
    "lookupOrganicMediumType",
)
# Of a session, by the event it began with; of a person, by what was kept of their first visit.
CHANNEL_TYPE = channel(entry_text)
INITIAL_CHANNEL_TYPE = channel(_initial_text)
_INITIAL_DOMAIN = _initial_text("$referring_domain")
INITIAL_REFERRING_DOMAIN_TYPE = (
    f"if({_INITIAL_DOMAIN} = '$direct', '$direct',"
    f" nullIf(arrayFirst(kind -> kind != '', {_sites(_INITIAL_DOMAIN)}), ''))"
)
