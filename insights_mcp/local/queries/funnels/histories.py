"""One row per actor, or actor and breakdown value: its events in order, packed (facts/queries.md 1.3)."""

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.breakdowns import ALL_USERS, BreakdownItem, raw_value
from insights_mcp.local.queries.expressions import (
    TRUE,
    alias,
    all_of,
    any_of,
    call,
    compare,
    constant,
    field,
    from_select,
    from_table,
)
from insights_mcp.local.queries.filters import in_cohort, match_filters, match_test_accounts
from insights_mcp.local.queries.funnels.arrays import (
    ZERO,
    both,
    choose,
    differs,
    each,
    exists,
    has_bit,
    keep,
    less,
    minus,
    opposite,
    plus,
    same,
    times,
)
from insights_mcp.local.queries.funnels.layout import Layout
from insights_mcp.local.queries.funnels.levels import Level, level_of
from insights_mcp.local.queries.funnels.question import Attribution, Funnel
from insights_mcp.local.queries.funnels.steps import mask_of, match_any_name
from insights_mcp.local.queries.written import parse_written

ACTOR = "actor"
VALUE = "value"
# The value of one event, VALUE being that of a history.
_GIVEN = "given"
PACKED = "packed"
_HEX_DIGITS = 16


def histories_of(funnel: Funnel, layout: Layout) -> Level:
    """Return actor, value (with a breakdown) and packed events. Raises QueryError."""
    names = [ACTOR, *([VALUE] if funnel.attribution else []), PACKED]
    level = level_of(_select_histories(funnel, layout), names)
    if not _is_thinned(funnel) or _is_tagged(funnel):
        return level
    return level.add(alias(PACKED, thin(layout, field(PACKED))))


def _select_histories(funnel: Funnel, layout: Layout) -> ast.SelectQuery:
    rows = from_select(_select_rows(funnel, layout))
    # a strict funnel is broken by any event
    is_wanted = None if funnel.order == "strict" else differs(field("mask"), ZERO)
    packed = _pack(layout)
    attribution = funnel.attribution
    if attribution is None:
        return _select_grouped(rows, is_wanted, [alias(PACKED, _sorted(packed))], [ACTOR])
    if _is_tagged(funnel):
        tagged = _tag_events(funnel, attribution, layout, rows, is_wanted)
        if attribution.mode.endswith("touch"):
            return _select_touched(tagged)
        return _select_tagged(funnel, attribution, layout, tagged)
    if attribution.mode == "all_events":
        columns = [alias(PACKED, _sorted(packed)), alias(VALUE, _shown(attribution, field(_GIVEN)))]
        return _select_grouped(rows, is_wanted, columns, [ACTOR, _GIVEN])
    columns = [alias(PACKED, _sorted(packed)), alias(VALUE, _touch(attribution))]
    return _select_grouped(rows, is_wanted, columns, [ACTOR])


def _select_rows(funnel: Funnel, layout: Layout) -> ast.SelectQuery:
    """Return the events of the funnel: who, when (in microseconds since the origin), what, and the breakdown value."""
    moment = minus(call("toUnixTimestamp64Micro", field("timestamp")), constant(funnel.origin))
    columns = [
        alias(ACTOR, actor_of(funnel)),
        alias("moment", moment),
        alias("mask", mask_of(funnel, layout)),
    ]
    if funnel.attribution is not None:
        columns.append(alias(_GIVEN, _value(funnel, funnel.attribution)))
    events = from_table("events", sample=funnel.sample)
    return ast.SelectQuery(select=columns, select_from=events, where=match_events(funnel))


def match_events(funnel: Funnel) -> ast.Expr:
    """Return the condition that an event may be part of a funnel. Raises QueryError."""
    query, context, dates = funnel.query, funnel.context, funnel.run.dates
    conditions = [
        compare(field("timestamp"), ">=", constant(dates.date_from)),
        compare(field("timestamp"), "<=", constant(dates.date_to)),
        (None if funnel.order == "strict" else match_any_name(funnel)) or TRUE,
        match_test_accounts(query.filterTestAccounts, context),
        match_filters(query.properties, context),
        _has_actor(funnel),
    ]
    if funnel.run.cohort is not None and funnel.run.cohort != ALL_USERS:
        conditions.append(in_cohort(funnel.run.cohort, context, negated=funnel.run.is_outside))
    if funnel.run.any_of_cohorts:
        conditions.append(any_of(in_cohort(one, context) for one in funnel.run.any_of_cohorts))
    if dates.weekdays:
        days = ast.Tuple(exprs=[constant(day) for day in dates.weekdays])
        conditions.append(compare(call("toDayOfWeek", field("timestamp")), "in", days))
    return all_of(conditions)


def actor_of(funnel: Funnel) -> ast.Expr:
    """Return who acts in an event: a group, a person, or what an expression says."""
    if funnel.query.aggregation_group_type_index is not None:
        return field(f"$group_{funnel.query.aggregation_group_type_index}")
    text = funnel.filter.funnelAggregateByHogQL
    if text == "properties.$session_id":
        return field("$session_id")  # the same, from its column
    return field("person_id") if not text or text == "person_id" else parse_written(text)


def _has_actor(funnel: Funnel) -> ast.Expr:
    """Return the condition that an event has an actor; every event has a person."""
    actor = actor_of(funnel)
    if actor == field("person_id"):
        return TRUE
    text = call("ifNull", call("toString", actor), constant(""))
    return compare(text, "!=", constant(""))


def _value(funnel: Funnel, attribution: Attribution) -> ast.Expr:
    """Return an event's breakdown value: missing ones are empty texts (facts/queries.md 1.2, Breakdown limit).

    One item is a text until the events are grouped: lists of texts are five times slower to group.
    """
    texts = [_text(item, funnel) for item in attribution.items]
    return ast.Array(exprs=texts) if len(texts) > 1 else texts[0]


def _shown(attribution: Attribution, value: ast.Expr) -> ast.Expr:
    """Return a breakdown value as results have it."""
    return ast.Array(exprs=[value]) if attribution.is_list and len(attribution.items) == 1 else value


def _text(item: BreakdownItem, funnel: Funnel) -> ast.Expr:
    text = call("ifNull", call("toString", raw_value(item, funnel.context)), constant(""))
    # unlike in trends a missing URL is normalized too
    return choose(same(text, constant("")), constant("/"), text) if item.normalizes_url else text


def _touch(attribution: Attribution) -> ast.Expr:
    """Return the value of an actor's first or last event that has one; of events at once the least or greatest."""
    end, value = "max" if attribution.mode == "last_touch" else "min", field(_GIVEN)
    if len(attribution.items) == 1:
        # with the time before it a text is its own key; by a tuple of both this would be three times slower
        keyed = call("concat", _hex_moment(), value)
        has_text = differs(value, constant(""))
        touched = call(f"{end}If", keyed, has_text) if attribution.is_list else call(end, keyed)
        return _shown(attribution, call("substring", touched, constant(_HEX_DIGITS + 1)))
    has_text = exists("v", differs(field("v"), constant("")), value)
    key = call("concat", _hex_moment(), call("arrayStringConcat", value, constant("\n")))
    touched = call(f"arg{end.title()}If", value, key, has_text)
    nothing = ast.Array(exprs=[constant("") for _ in attribution.items])
    return choose(call("empty", touched), nothing, touched)


def _hex_moment() -> ast.Expr:
    """Return an event's time as text of one length, in the order of times."""
    return call("hex", plus(field("moment"), constant(1 << 4 * _HEX_DIGITS - 4)))


def _is_thinned(funnel: Funnel) -> bool:
    """Return whether events in a row are thinned out, as upstream, which shows in the times of unordered funnels."""
    return funnel.order == "unordered" and not funnel.is_trend


def _is_tagged(funnel: Funnel) -> bool:
    """Return whether events are needed together with their values: one by one, or to tell which are alike."""
    if funnel.attribution is None:
        return False
    is_of_persons = all(item.type == "person" for item in funnel.attribution.items)
    return funnel.attribution.mode == "step" or (_is_thinned(funnel) and not is_of_persons)


def thin(layout: Layout, events: ast.Expr, *, are_tagged: bool = False) -> ast.Expr:
    """Return sorted events without those that are one step, or one excluded, between two others of the same kind."""
    kinds = constant(layout.steps | layout.exclusions)

    def packed(name: str) -> ast.Expr:
        return _part(name, 1) if are_tagged else field(name)

    def kind(name: str) -> ast.Expr:
        return call("bitAnd", mask_in(layout, packed(name)), kinds)

    alike = [same(kind("e"), kind("b")), same(kind("e"), kind("a"))]
    if are_tagged:
        alike += [same(_part("e", 2), _part("b", 2)), same(_part("e", 2), _part("a", 2))]
    is_one = same(call("bitAnd", kind("e"), minus(kind("e"), constant(1))), ZERO)
    is_between = both(is_one, *alike, less(packed("b"), packed("e")), less(packed("e"), packed("a")))
    # the first comes after the last: neither is between others, since that would be later and earlier at once
    arrays = (events, call("arrayRotateRight", events, constant(1)), call("arrayRotateLeft", events, constant(1)))
    return keep("e b a", opposite(is_between), *arrays)


def _tag_events(
    funnel: Funnel, attribution: Attribution, layout: Layout, rows: ast.JoinExpr, is_wanted: ast.Expr | None
) -> ast.JoinExpr:
    """Return one row per actor: its events, each with its value; with a touch the value of the actor, too."""
    tagged = call("arraySort", call("groupArray", ast.Tuple(exprs=[_pack(layout), field(_GIVEN)])))
    is_touch = attribution.mode.endswith("touch")
    columns = [alias("tagged", tagged), *([alias(VALUE, _touch(attribution))] if is_touch else [])]
    level = level_of(
        _select_grouped(rows, is_wanted, columns, [ACTOR]), [ACTOR, *([VALUE] if is_touch else []), "tagged"]
    )
    if _is_thinned(funnel):
        level = level.add(alias("tagged", thin(layout, field("tagged"), are_tagged=True)))
    return from_select(level.select)


def _select_touched(tagged: ast.JoinExpr) -> ast.SelectQuery:
    """Return one row per actor and its one value."""
    packed = each("e", _part("e", 1), field("tagged"))
    return ast.SelectQuery(
        select=[alias(ACTOR, field(ACTOR)), alias(VALUE, field(VALUE)), alias(PACKED, packed)], select_from=tagged
    )


def _select_tagged(funnel: Funnel, attribution: Attribution, layout: Layout, tagged: ast.JoinExpr) -> ast.SelectQuery:
    """Return one row per actor and value of its attributed step, each event telling whether it has the value.

    Where all events must have one value there are only those.
    """
    has_given = same(_part("e", 2), field(_GIVEN))
    if attribution.mode == "all_events":
        events = each("e", _part("e", 1), keep("e", has_given, field("tagged")))
    else:
        events = each("e", _with_value(layout, _part("e", 1), has_given), field("tagged"))
    per_value = ast.SelectQuery(
        select=[
            alias(ACTOR, field(ACTOR)),
            alias("tagged", field("tagged")),
            alias(_GIVEN, call("arrayJoin", _values(funnel, layout))),
        ],
        select_from=tagged,
    )
    return ast.SelectQuery(
        select=[
            alias(ACTOR, field(ACTOR)),
            alias(VALUE, _shown(attribution, field(_GIVEN))),
            alias(PACKED, events),
        ],
        select_from=from_select(per_value),
    )


def _values(funnel: Funnel, layout: Layout) -> ast.Expr:
    """Return the values to run for: those of the attributed step's events, of all events when unordered."""
    values = each("e", _part("e", 2), field("tagged"))
    attribution, step = funnel.attribution, funnel.attributed_step
    if attribution is None or step is None or funnel.order == "unordered":
        return call("arrayDistinct", values)
    is_step = has_bit(mask_in(layout, _part("e", 1)), layout.step_bit(step))
    if attribution.is_list:
        values = each("e", _part("e", 2), keep("e", is_step, field("tagged")))
    else:
        # a plain text has no form for "not this step" but the empty one
        values = each("e", choose(is_step, _part("e", 2), constant("")), field("tagged"))
    return call("arrayDistinct", values)


def _pack(layout: Layout) -> ast.Expr:
    if layout.is_wide:
        return ast.Tuple(exprs=[field("moment"), field("mask")])
    return plus(times(field("moment"), constant(1 << layout.bits)), field("mask"))


def _with_value(layout: Layout, packed: ast.Expr, has_value: ast.Expr) -> ast.Expr:
    """Return a packed event with the bit set that says it has the attributed value, where it has."""
    bit = choose(has_value, constant(1 << layout.value_bit), ZERO)
    if not layout.is_wide:
        return plus(packed, bit)
    moment, mask = (ast.TupleAccess(tuple=packed, index=index) for index in (1, 2))
    return ast.Tuple(exprs=[moment, plus(mask, bit)])


def mask_in(layout: Layout, packed: ast.Expr) -> ast.Expr:
    """Return what a packed event is."""
    if layout.is_wide:
        return ast.TupleAccess(tuple=packed, index=2)
    return call("bitAnd", packed, constant((1 << layout.bits) - 1))


def moment_in(layout: Layout, packed: ast.Expr) -> ast.Expr:
    """Return when a packed event was."""
    if layout.is_wide:
        return ast.TupleAccess(tuple=packed, index=1)
    return call("bitShiftRight", packed, constant(layout.bits))


def _sorted(packed: ast.Expr) -> ast.Expr:
    return call("arraySort", call("groupArray", packed))


def _select_grouped(
    rows: ast.JoinExpr, where: ast.Expr | None, columns: list[ast.Alias], keys: list[str]
) -> ast.SelectQuery:
    return ast.SelectQuery(
        select=[alias(ACTOR, field(ACTOR)), *columns],
        select_from=rows,
        where=where,
        group_by=[field(key) for key in keys],
    )


def _part(name: str, index: int) -> ast.Expr:
    return ast.TupleAccess(tuple=field(name), index=index)
