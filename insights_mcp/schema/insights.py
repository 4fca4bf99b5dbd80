"""What is written to insights and dashboards, and what insights are listed by (facts/rest-api.md 4.1, 5, 6, 12)."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

InsightType = Literal["TRENDS", "FUNNELS", "RETENTION", "PATHS", "STICKINESS", "LIFECYCLE", "SQL", "JSON"]
Text = Annotated[str, Field(max_length=400)]


class Body(BaseModel):
    """A request body where null means something: "set to nothing". What was not given is not sent."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    def body(self) -> dict[str, object]:
        """Return the JSON-ready body with the given fields only."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


class InsightPatch(Body):
    """The fields of an insight that a PATCH may change. `tags` and `dashboards` replace the whole set."""

    name: Text | None = None
    derived_name: Text | None = None
    description: Text | None = None
    query: dict[str, object] | None = None
    order: int | None = None
    deleted: bool | None = None
    dashboards: list[int] | None = None
    tags: list[str] | None = None
    favorited: bool | None = None
    saved: bool | None = None
    create_in_folder: Annotated[str | None, Field(alias="_create_in_folder")] = None


class InsightWrite(InsightPatch):
    """A new insight. PostHog asks for `query`; `saved` is true unless said otherwise."""

    query: dict[str, object]


class DashboardPatch(Body):
    """The fields of a dashboard that a PATCH may change. Insights are added through the insight, never here."""

    name: Text | None = None
    description: str | None = None
    pinned: bool | None = None
    tags: list[str] | None = None
    filters: dict[str, object] | None = None
    variables: dict[str, object] | None = None
    breakdown_colors: list[dict[str, object]] | None = None
    data_color_theme_id: int | None = None
    quick_filter_ids: list[str] | None = None
    restriction_level: int | None = None
    deleted: bool | None = None
    delete_insights: bool | None = None
    # Changes tiles that are there (`id` with layouts, color, deleted) and adds texts; never insights.
    tiles: list[dict[str, object]] | None = None
    create_in_folder: Annotated[str | None, Field(alias="_create_in_folder")] = None


class DashboardWrite(DashboardPatch):
    """A new dashboard, empty or copied from a template or another dashboard. Tiles come with a change after it."""

    name: Text
    use_template: str | None = None
    use_dashboard: int | None = None
    duplicate_tiles: bool | None = None


class InsightFilters(BaseModel):
    """What insights are listed by; all given ones must hold.

    `favorited` and `user` mean what they say here: the API takes the mere presence of either for true.
    `tags` match any, `dashboards` and `events` must all match. Dates are absolute or relative (`-7d`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    search: Annotated[str, Field(max_length=200)] | None = None
    created_by: list[int] | None = None
    user: bool | None = None
    favorited: bool | None = None
    saved: bool | None = None
    insight: InsightType | None = None
    date_from: str | None = None
    date_to: str | None = None
    created_date_from: str | None = None
    created_date_to: str | None = None
    last_viewed_date_from: str | None = None
    last_viewed_date_to: str | None = None
    dashboards: list[int] | None = None
    tags: list[str] | None = None
    events: list[str] | None = None
    short_id: str | None = None
    feature_flag: str | None = None
    hide_feature_flag_insights: bool | None = None
    basic: bool = True
