"""The addresses that PostHog's SDKs post events to, and the ones they ask for flags and settings.

They take no API key but the project's token, which tells the project, and answer pages of any origin.
"""

import json
from collections.abc import Callable, Mapping
from uuid import uuid4

from insights_mcp.local.app.http import Answer, Call, Endpoint, Handler, Level, Routes, empty, endpoint
from insights_mcp.local.events.payloads import CaptureRequest, Packed, read_request
from insights_mcp.local.events.protocol_v1 import read_v1_request
from insights_mcp.local.problems import Problem
from insights_mcp.local.store.projects import Team, find_project_by_token, list_projects

_METHODS = "GET POST OPTIONS"
_MAX_AGE = "86400"


def _open_to_pages(path: str) -> Callable[[Handler], Endpoint]:
    """Declare a public endpoint that answers pages of any origin, errors included."""

    def declare(handler: Handler) -> Endpoint:
        def answer(call: Call) -> Answer:
            cors = _cors(call)
            if call.method == "OPTIONS":
                return empty(204, **cors)
            try:
                given = handler(call)
            except Problem as problem:
                problem.headers.update(cors)
                raise
            return Answer(given.body, given.status, {**given.headers, **cors}, given.media_type, given.is_empty)

        return endpoint(_METHODS, path, level=Level.PUBLIC, takes_any_body=True)(answer)

    return declare


@_open_to_pages("/capture/")
def capture(call: Call) -> Answer:
    """Take one event, an array or a batch."""
    return _capture(call, {"status": 1})


@_open_to_pages("/e/")
def capture_e(call: Call) -> Answer:
    """Take what posthog-js sends."""
    return _capture(call, {"status": 1})


@_open_to_pages("/track/")
def capture_track(call: Call) -> Answer:
    """Take what old SDKs send."""
    return _capture(call, {"status": 1})


@_open_to_pages("/engage/")
def engage(call: Call) -> Answer:
    """Take changes of a person's properties: events that may come without a name."""
    return _capture(call, {"status": 1}, default_event="$identify")


@_open_to_pages("/batch/")
def capture_batch(call: Call) -> Answer:
    """Take a batch from a server-side SDK."""
    return _capture(call, {"status": "Ok"})


@_open_to_pages("/i/v0/e/")
def capture_v0(call: Call) -> Answer:
    """Take events at the current address."""
    return _capture(call, {"status": "Ok"})


@_open_to_pages("/i/v0/ai/batch/")
def capture_ai(call: Call) -> Answer:
    """Take a batch of events about language models."""
    return _capture(call, {"status": "Ok"})


@_open_to_pages("/i/v1/analytics/events/")
def capture_v1(call: Call) -> Answer:
    """Take a batch of the newer protocol, which is answered event by event."""
    request = read_v1_request(_packed(call), call.headers)
    _store(call, request)
    return Answer({"results": {str(event.get("uuid")): {"result": "ok"} for event in request.events}})


@_open_to_pages("/s/")
def drop_recording(_: Call) -> Answer:
    """Acknowledge a session recording, which is not kept here."""
    return Answer({"status": "Ok"})


@_open_to_pages("/decide/")
def decide(_: Call) -> Answer:
    """Answer older SDKs that ask for flags and settings: none."""
    return Answer({**_no_flags(), **_settings(), "isAuthenticated": False, "toolbarParams": {}})


@_open_to_pages("/flags/")
def flags(call: Call) -> Answer:
    """Answer SDKs that ask for flags: none."""
    settings = _settings() if call.query.flag("config") else {}
    return Answer({**_no_flags(), **settings, "requestId": str(uuid4())})


@_open_to_pages("/array/{token}/config/")
def remote_config(call: Call) -> Answer:
    """Answer posthog-js, which asks for its settings at start."""
    return Answer(_remote_config(call.path["token"]))


@_open_to_pages("/array/{token}/config.js/")
def remote_config_script(call: Call) -> Answer:
    """Answer posthog-js, which may ask for its settings as a script."""
    token = call.path["token"]
    # In a script, "<" could end it; the names are JSON texts.
    named = json.dumps(token).replace("<", "\\u003c")
    config = json.dumps({"config": _remote_config(token), "siteApps": []}).replace("<", "\\u003c")
    script = f"(window._POSTHOG_REMOTE_CONFIG = window._POSTHOG_REMOTE_CONFIG || {{}})[{named}] = {config};"
    return Answer(script, media_type="application/javascript")


def _capture(call: Call, acknowledged: Mapping[str, object], *, default_event: str | None = None) -> Answer:
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    header_token = token if scheme.lower() == "bearer" else None
    _store(call, read_request(_packed(call), header_token=header_token, default_event=default_event))
    if call.query.get("beacon") == "1":
        return empty(204)
    return Answer(acknowledged)


def _store(call: Call, request: CaptureRequest) -> None:
    forwarded = call.headers.get("x-forwarded-for", "").split(",")[0].strip()
    call.backend.intake.capture(
        _find_team(call, request.token), request.events, sent_at=request.sent_at, ip=forwarded or None
    )


def _find_team(call: Call, token: str) -> Team:
    """Return the token's project; a token of no project here means the first one, as for a fresh set-up."""
    with call.backend.store.read() as db:
        return find_project_by_token(db, token) or list_projects(db)[0]


def _packed(call: Call) -> Packed:
    return Packed(
        body=call.body.raw,
        content_type=call.body.content_type,
        content_encoding=call.headers.get("content-encoding", ""),
        query=dict(call.query.pairs),
    )


def _cors(call: Call) -> dict[str, str]:
    headers = {
        "Access-Control-Allow-Origin": call.headers.get("origin", "*"),
        "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
        "Access-Control-Allow-Headers": call.headers.get("access-control-request-headers", "*"),
        "Access-Control-Max-Age": _MAX_AGE,
        "Vary": "Origin",
    }
    if "origin" in call.headers:
        headers["Access-Control-Allow-Credentials"] = "true"
    if "access-control-request-private-network" in call.headers:  # a public page that reaches this machine
        headers["Access-Control-Allow-Private-Network"] = "true"
    return headers


def _remote_config(token: str) -> dict[str, object]:
    return {"token": token, **_settings(), "hasFeatureFlags": False}


def _no_flags() -> dict[str, object]:
    return {"flags": {}, "featureFlags": {}, "featureFlagPayloads": {}, "errorsWhileComputingFlags": False}


def _settings() -> dict[str, object]:
    return {
        "config": {"enable_collect_everything": True},
        "supportedCompression": ["gzip", "gzip-js"],
        "sessionRecording": False,
        "capturePerformance": False,
        "autocapture_opt_out": False,
        "autocaptureExceptions": False,
        "heatmaps": False,
        "surveys": False,
        "siteApps": [],
        "defaultIdentifiedOnly": True,
        "elementsChainAsString": True,
        "analytics": {"endpoint": "/i/v0/e/"},
    }


ROUTES: Routes = (
    capture,
    capture_e,
    capture_track,
    engage,
    capture_batch,
    capture_v0,
    capture_ai,
    capture_v1,
    drop_recording,
    decide,
    flags,
    remote_config,
    remote_config_script,
)
