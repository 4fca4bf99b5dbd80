"""The allow-list of functions, held against the engine's own list and its guard."""

import pytest

from insights_mcp.local.engine.base import Engine
from insights_mcp.local.engine.functions import is_allowed_function
from insights_mcp.local.hogql.errors import HogQLError
from insights_mcp.local.hogql.functions.aggregates import COMBINATORS
from insights_mcp.local.hogql.functions.registry import Function, all_functions, find_function
from insights_mcp.local.hogql.functions.rewrites import REWRITES
from tests.hogql.asking import ask, sql_of

# Functions that reach files, other tables, servers, settings, or stop the clock.
FORBIDDEN = """
    file url s3 remote remoteSecure cluster mysql postgresql mongodb redis jdbc odbc hdfs executable input sqlite
    dictGet dictGetOrNull dictGetOrDefault dictHas dictGetHierarchy joinGet joinGetOrNull getSetting getServerSetting
    getMacro hostName hostname fqdn FQDN version buildId uptime tcpPort serverUUID displayName currentUser user
    currentDatabase currentSchemas currentProfiles currentRoles sleep sleepEachRow throwIf catboostEvaluate
    modelEvaluate addressToLine addressToSymbol demangle logTrace queryID initialQueryID connectionId
    zookeeperSessionUptime filesystemAvailable filesystemCapacity globalVariable shardNum shardCount partitionId
    getOSKernelVersion encrypt decrypt aes_encrypt_mysql accurateCast reinterpret structureToCapnProtoSchema
    showCertificate evalMLMethod stem lemmatize synonyms detectLanguage nonexistent __bitBoolMaskAnd _CAST lambda
"""


def test_there_are_several_hundred_functions() -> None:
    assert len(all_functions()) + len(REWRITES) > 800


def test_every_function_exists_in_the_engine_and_passes_its_guard(engine: Engine) -> None:
    rows = engine.command("SELECT name, case_insensitive FROM system.functions").rows
    exact = {str(name) for name, _ in rows}
    folded = {str(name).lower() for name, folds in rows if folds}
    combinators = tuple(COMBINATORS)

    def exists(function: Function) -> bool:
        name = function.sql
        if name in exact or name.lower() in folded or name == "untuple":
            return True
        return function.is_aggregate and name.endswith(combinators)

    assert [one.name for one in all_functions().values() if not exists(one)] == []
    assert [one.name for one in all_functions().values() if not is_allowed_function(one.sql)] == []


@pytest.mark.parametrize("name", FORBIDDEN.split())
def test_a_function_that_reaches_outside_is_unknown(name: str) -> None:
    assert find_function(name, is_trusted=True) is None
    for call in (f"{name}()", f"{name}('a')", f"{name}('a', 'b', 1)", f"{name}If('a', 1)", f"{name}('a') over ()"):
        with pytest.raises(HogQLError):
            sql_of(f"select {call} from events")


def test_suffixes_make_aggregates_of_aggregates() -> None:
    for name, arguments in {
        "sumIf": 2,
        "countIf": 1,
        "uniqExactIf": 2,
        "argMaxIf": 3,
        "quantileIf": 2,
        "avgArray": 1,
        "sumArrayIf": 2,
        "uniqStateIf": 2,
        "uniqMerge": 1,
        "uniqMergeIf": 2,
        "sumMapIf": 2,
        "maxOrNull": 1,
        "maxOrDefaultIf": 2,
        "sumForEach": 1,
        "sumDistinct": 1,
        "minArgMax": 2,
    }.items():
        found = find_function(name)
        assert found is not None, name
        assert found.is_aggregate
        assert found.arguments.least == arguments
    for name in ("lowerIf", "If", "sumFoo", "countIfIfX", "StateMerge"):
        assert find_function(name) is None


def test_names_are_found_in_any_case_where_only_one_has_it() -> None:
    sql = sql_of(
        "select COUNT(), SUM(1), COALESCE(1, 2), NOW(), IFNULL(1, 2), DATEDIFF('day', now(), now()) from events"
    )

    assert sql.startswith("SELECT count(), sum(1), coalesce(1, 2), ")


def test_trusted_queries_may_use_more() -> None:
    assert find_function("_toUInt8") is None
    found = find_function("_toUInt8", is_trusted=True)
    assert found is not None
    assert found.sql == "toUInt8"


# One call of many functions, and what it answers.
CALLS = {
    "plus(1, 2)": 3,
    "intDiv(7, 2)": 3,
    "positiveModulo(-1, 5)": 4,
    "gcd(12, 18)": 6,
    "pow(2, 10)": 1024.0,
    "sqrt(16)": 4.0,
    "round(1234.567, 1)": 1234.6,
    "bitAnd(6, 3)": 2,
    "isNaN(nan)": True,
    "least(3, 1, 2)": 1,
    "clamp(11, 1, 10)": 10,
    "length('abc')": 3,
    "lengthUTF8('é')": 1,
    "empty('')": True,
    "upper('ab')": "AB",
    "reverse('abc')": "cba",
    "leftPad('7', 3, '0')": "007",
    "trim('  a ')": "a",
    "ltrim('  a')": "a",
    "position('hello', 'l')": 3,
    "startsWith('abc', 'ab')": True,
    "replaceAll('aba', 'a', 'x')": "xbx",
    "replaceRegexpOne('a1b2', '[0-9]', '')": "ab2",
    "extractAll('a1b22', '[0-9]+')": ["1", "22"],
    "multiIf(false, 1, true, 2, 3)": 2,
    "concat_ws('-', 'a', 'b')": "a-b",
    "base64Decode(base64Encode('x'))": "x",
    "hex('A')": "41",
    "format('{} {}', 'a', 'b')": "a b",
    "splitByString(', ', 'a, b')": ["a", "b"],
    "ngrams('abc', 2)": ["ab", "bc"],
    "editDistance('ab', 'ac')": 1,
    "range(3)": [0, 1, 2],
    "arrayConcat([1], [2])": [1, 2],
    "has([1, 2], 2)": True,
    "indexOf([5, 6], 6)": 2,
    "arrayCount(x -> x > 1, [1, 2, 3])": 2,
    "arraySum([1, 2])": 3,
    "arrayAvg([1, 2])": 1.5,
    "arrayReverseSort([1, 3, 2])": [1, 2, 3],
    "arrayDistinct([1, 1])": [1],
    "arrayZip([1], ['a'])": [(1, "a")],
    "arrayEnumerate(['a', 'b'])": [1, 2],
    "arrayFirst(x -> x > 1, [1, 2])": 2,
    "arrayExists(x -> x = 2, [1, 2])": True,
    "arrayDifference([1, 4])": [0, 3],
    "arrayCumSum([1, 2])": [1, 3],
    "arraySplit(x -> x = 2, [1, 2, 3])": [[1], [2, 3]],
    "arrayReduce('max', [1, 3])": 3,
    "arrayIntersect([1, 2], [2, 3])": [2],
    "arrayFlatten([[1], [2]])": [1, 2],
    "tupleElement(('a', 2), 2)": 2,
    "tupleHammingDistance((1, 2), (1, 3))": 1,
    "mapContains(map('a', 1), 'a')": True,
    "mapFromArrays(['a'], [1])['a']": 1,
    "bitmapCardinality(bitmapBuild([1, 2, 2]))": 2,
    "JSONLength('[1,2]')": 2,
    "JSONType('{}')": "Object",
    "JSONExtractFloat('{\"a\":1.5}', 'a')": 1.5,
    "JSONExtractArrayRaw('[1,\"a\"]')": ["1", '"a"'],
    "isValidJSON('{')": False,
    "toJSONString([1])": "[1]",
    "protocol('https://x.com')": "https",
    "topLevelDomain('https://x.com')": "com",
    "cutQueryString('https://x.com/?a')": "https://x.com/",
    "decodeURLComponent('a%20b')": "a b",
    "IPv4NumToString(IPv4StringToNum('1.2.3.4'))": "1.2.3.4",
    "isIPAddressInRange('10.1.1.1', '10.0.0.0/8')": True,
    "round(greatCircleDistance(0, 0, 0, 1))": 111195.0,
    "cityHash64('a') = cityHash64('a')": True,
    "hex(MD5('a'))": "0CC175B9C0F1B6A831C399E269772661",
    "md5('a')": "0CC175B9C0F1B6A831C399E269772661",
    "hasAllTokens('red blue', ['blue', 'red'])": True,
    "reinterpretAsUInt8('a')": 97,
    "h3GetResolution(geoToH3(59.9, 10.7, 7))": 7,
    "_toUInt64('7')": 7,
    "sortableSemver('v2.10.0-rc1')": [2, 10, 0],
    "sortableSemVer('2.10')": [None],
    "toBool('yes')": True,
    "toDecimal('1.5', 1) = divideDecimal(toDecimal('3', 1), toDecimal('2', 1))": True,
    "recordingButton('s1', 'active')": ("__hx_tag", "RecordingButton", "sessionId", "s1", "recordingStatus", "active"),
    "split_part('a.b', '.', 3)": "",
    "lookupDomainType('www.google.no')": "Search",
    "lookupDomainType('example.com')": None,
    "lookupPaidSourceType('YouTube')": "Paid Video",
    "lookupOrganicSourceType('mail.google.com')": "Email",
    "lookupOrganicMediumType('social')": "Organic Social",
    "lookupPaidMediumType(NULL)": None,
    "formatReadableSize(1024)": "1.00 KiB",
    "toFloatOrZero('x')": 0.0,
    "toIntOrZero('12')": 12,
    "toFloatOrDefault('x', 1.5)": 1.5,
    "toDecimal('1.50', 2)::string": "1.5",
    "assumeNotNull(toInt('5'))": 5,
    "isNull(toInt('x'))": True,
    "toString(toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0'))": "61f0c404-5cb3-11e7-907b-a6006ad3dba0",
    "generateUUIDv4() != generateUUIDv7()": True,
    "rand() >= 0": True,
    "materialize(1)": 1,
}


def test_functions_answer_as_in_clickhouse(engine: Engine) -> None:
    (found,) = ask(engine, f"select {', '.join(CALLS)}")

    assert dict(zip(CALLS, found, strict=True)) == CALLS


AGGREGATES = {
    "count()": 5,
    "sum(n)": 10,
    "avg(n)": 2.0,
    "min(n)": 0,
    "max(n)": 4,
    "median(n)": 2.0,
    "quantile(0.25)(n)": 1.0,
    "quantileExact(0.5)(n)": 2,
    "quantiles(0.25, 0.75)(n)": [1.0, 3.0],
    "stddevPop(n) > 1": True,
    "varSamp(n)": 2.5,
    "corr(n, n)": 1.0,
    "covarPop(n, n)": 2.0,
    "uniq(n)": 5,
    "uniqExact(n, n)": 5,
    "countDistinct(n)": 5,
    "arraySort(groupArray(n))": [0, 1, 2, 3, 4],
    "length(groupArray(2)(n))": 2,
    "arraySort(groupUniqArray(n % 2))": [0, 1],
    "argMin(n, -n)": 4,
    "any(1)": 1,
    "anyLast(7)": 7,
    "topK(1)(n % 1)": [0],
    "groupBitOr(n)": 7,
    "sumMap([n], [1]).2": [1, 1, 1, 1, 1],
    "countIf(n > 2)": 2,
    "avgIf(n, n > 2)": 3.5,
    "sumOrNullIf(n, n > 10)": None,
    "maxArray([n, 9])": 9,
    "groupArrayMovingSum(2)(n)[5]": 7,
    "skewPop(n)": 0.0,
    "windowFunnel(10)(toUnixTimestamp(now()) + n, n = 0, n = 1, n = 9)": 2,
    "retention(n = 0, n = 1)": [1, 1],
    "sequenceMatch('(?1)(?2)')(toUnixTimestamp(now()) + n, n = 0, n = 1)": 1,
    "entropy(1)": 0.0,
    "simpleLinearRegression(n, n * 2)": (2.0, 0.0),
    "sum(distinct n % 2)": 1,
    "finalizeAggregation(sumState(n))": 10,
}


def test_aggregates_answer_as_in_clickhouse(engine: Engine) -> None:
    (found,) = ask(engine, f"select {', '.join(AGGREGATES)} from (select number as n from numbers(5))")

    assert dict(zip(AGGREGATES, found, strict=True)) == AGGREGATES
