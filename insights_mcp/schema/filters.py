"""Property filters: one filter, a list of them, nested groups (facts/queries.md 1.0)."""

from typing import Annotated, Literal

from pydantic import Discriminator, Tag

from insights_mcp.schema.base import Model

Operator = Literal[
    "exact",
    "is_not",
    "icontains",
    "not_icontains",
    "icontains_multi",
    "not_icontains_multi",
    "regex",
    "not_regex",
    "gt",
    "gte",
    "lt",
    "lte",
    "min",
    "max",
    "between",
    "not_between",
    "is_set",
    "is_not_set",
    "is_date_exact",
    "is_date_before",
    "is_date_after",
    "in",
    "not_in",
    "is_cleaned_path_exact",
    "flag_evaluates_to",
    "semver_eq",
    "semver_neq",
    "semver_gt",
    "semver_gte",
    "semver_lt",
    "semver_lte",
    "semver_tilde",
    "semver_caret",
    "semver_wildcard",
]
FilterType = Literal[
    "event",
    "person",
    "group",
    "session",
    "cohort",
    "static-cohort",
    "dynamic-cohort",
    "precalculated-cohort",
    "hogql",
    "element",
    "event_metadata",
    "feature",
    "flag",
    "meta",
    "internal_event",
    "recording",
    "log_entry",
    "log",
    "log_attribute",
    "log_resource_attribute",
    "span",
    "span_attribute",
    "span_resource_attribute",
    "error_tracking_issue",
    "revenue_analytics",
    "data_warehouse",
    "data_warehouse_person_property",
    "account_property",
    "workflow_variable",
    "person_metadata",
    "empty",
]
Connective = Literal["AND", "OR"]
Scalar = bool | int | float | str


class PropertyFilter(Model):
    """One condition. Without `operator`: `exact`, or `in` for cohorts. For `hogql` the key is the expression."""

    key: str | int | None = None
    value: Scalar | list[Scalar | None] | None = None
    operator: Operator | None = None
    type: FilterType = "event"
    label: str | None = None
    group_type_index: int | None = None
    group_key_names: dict[str, str] | None = None
    cohort_name: str | None = None
    negation: bool | None = None


class PropertyFilterGroup(Model):
    """Filters and groups joined by AND or OR."""

    type: Connective
    values: list["AnyFilter"]


def _tell_filter(value: object) -> str:
    if isinstance(value, PropertyFilterGroup) or (isinstance(value, dict) and "values" in value):
        return "<group>"
    return "<filter>"


AnyFilter = Annotated[
    Annotated[PropertyFilter, Tag("<filter>")] | Annotated[PropertyFilterGroup, Tag("<group>")],
    Discriminator(_tell_filter),
]


PropertyFilterGroup.model_rebuild()  # it holds itself


class PropertyFilterRoot(Model):
    """The outermost group of a query: its values are groups, never bare filters, as PostHog asks."""

    type: Connective
    values: list[PropertyFilterGroup]


def _tell_filters(value: object) -> str:
    return "<groups>" if isinstance(value, dict | PropertyFilterRoot) else "<list>"


def _tell_group(value: object) -> str:
    return "<group>" if isinstance(value, dict | PropertyFilterGroup) else "<list>"


FilterList = list[PropertyFilter]
# A list (all must hold), or AND/OR groups of groups.
Filters = Annotated[
    Annotated[FilterList, Tag("<list>")] | Annotated[PropertyFilterRoot, Tag("<groups>")],
    Discriminator(_tell_filters),
]
# Actor queries take one group instead of groups of groups.
ActorFilters = Annotated[
    Annotated[FilterList, Tag("<list>")] | Annotated[PropertyFilterGroup, Tag("<group>")],
    Discriminator(_tell_group),
]
