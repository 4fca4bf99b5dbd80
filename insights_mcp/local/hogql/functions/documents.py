"""JSON, URLs, UUIDs, addresses, places, hashes, and what shows values to people."""

FUNCTIONS = """
1 bool: isValidJSON
1- bool: JSONHas
1- int: JSONLength JSONArrayLength JSONExtractUInt JSONExtractInt
1- float: JSONExtractFloat
1- bool: JSONExtractBool
1- string: JSONType JSONExtractString JSONExtractRaw
1- strings: JSONExtractKeys JSONExtractArrayRaw JSONAllPaths
1- array!: JSONExtractKeysAndValuesRaw
2- unknown: JSONExtract JSONExtractKeysAndValues
2 string: JSON_VALUE JSON_QUERY
2 bool: JSON_EXISTS
1- string: JSONMergePatch=jsonMergePatch jsonMergePatch
2 bool: simpleJSONHas simpleJSONExtractBool
2 int: simpleJSONExtractInt simpleJSONExtractUInt
2 float: simpleJSONExtractFloat
2 string: simpleJSONExtractRaw simpleJSONExtractString
1 string: toJSONString

1 string: protocol domain domainWithoutWWW topLevelDomain firstSignificantSubdomain cutToFirstSignificantSubdomain
1 string: cutToFirstSignificantSubdomainWithWWW path pathFull queryString fragment queryStringAndFragment netloc
1 string: cutWWW cutQueryString cutFragment cutQueryStringAndFragment domainRFC domainWithoutWWWRFC
1 string: encodeURLComponent decodeURLComponent encodeURLFormComponent decodeURLFormComponent
1-2 int: port
2 string: extractURLParameter cutURLParameter
1 strings: extractURLParameters extractURLParameterNames URLHierarchy URLPathHierarchy

0 uuid!: generateUUIDv4 generateUUIDv7
1 datetime: snowflakeIDToDateTime
1 string: UUIDNumToString
1 unknown: UUIDStringToNum

1 string: IPv4NumToString IPv6NumToString IPv4NumToStringClassC
1 int: IPv4StringToNum IPv4StringToNumOrDefault
1 int?: IPv4StringToNumOrNull
1 unknown: IPv6StringToNum toIPv4 toIPv6 toIPv4OrDefault toIPv6OrDefault IPv4ToIPv6
1 unknown?: toIPv4OrNull toIPv6OrNull
1 bool: isIPv4String isIPv6String
2 bool: isIPAddressInRange
2 tuple!: IPv4CIDRToRange IPv6CIDRToRange

4 float: greatCircleDistance geoDistance greatCircleAngle
6- bool: pointInEllipses
2- bool: pointInPolygon
2-3 string: geohashEncode
1 tuple!: geohashDecode
5 strings: geohashesInBox
0 ints: h3GetRes0Indexes
1 bool: h3IsValid h3IsResClassIII h3IsPentagon h3UnidirectionalEdgeIsValid
1 int: h3GetResolution h3GetBaseCell h3NumHexagons stringToH3 h3GetOriginIndexFromUnidirectionalEdge
1 int: h3GetDestinationIndexFromUnidirectionalEdge
1 float: h3EdgeAngle h3EdgeLengthM h3EdgeLengthKm h3HexAreaM2 h3HexAreaKm2 h3CellAreaM2 h3CellAreaRads2
1 float: h3ExactEdgeLengthM h3ExactEdgeLengthKm h3ExactEdgeLengthRads
1 string: h3ToString
1 tuple!: h3ToGeo h3GetIndexesFromUnidirectionalEdge
1 array!: h3ToGeoBoundary h3GetUnidirectionalEdgeBoundary
1 ints: h3GetFaces h3GetPentagonIndexes h3GetUnidirectionalEdgesFromHexagon
2 bool: h3IndexesAreNeighbors
2 int: h3ToParent h3ToCenterChild h3Distance h3GetUnidirectionalEdge
2 ints: h3kRing h3ToChildren h3Line h3HexRing
3 int: geoToH3
4 float: h3PointDistM h3PointDistKm h3PointDistRads

1- int: cityHash64 sipHash64 xxHash32 xxHash64 xxh3 farmHash64 metroHash64 murmurHash2_32 murmurHash2_64
1- int: murmurHash3_32 murmurHash3_64 halfMD5 intHash32 intHash64 javaHash CRC32 CRC64
1 string: MD5 SHA1 SHA224 SHA256 SHA512

1 int: reinterpretAsUInt8 reinterpretAsUInt16 reinterpretAsUInt32 reinterpretAsUInt64 reinterpretAsUInt128
1 int: reinterpretAsUInt256 reinterpretAsInt8 reinterpretAsInt16 reinterpretAsInt32 reinterpretAsInt64
1 int: reinterpretAsInt128 reinterpretAsInt256
1 float: reinterpretAsFloat32 reinterpretAsFloat64
1 uuid: reinterpretAsUUID
1 int: _toInt8=toInt8 _toInt16=toInt16 _toInt32=toInt32 _toInt64=toInt64 _toUInt64=toUInt64 _toUInt128=toUInt128
1 date: _toDate=toDate

1 string: toTypeName formatReadableDecimalSize formatReadableSize formatReadableQuantity
1-3 string: formatReadableTimeDelta
3-4 unknown: transform
1 same: identity materialize
1 int: byteSize visibleWidth
1- int!: ignore
0 int!: rowNumberInBlock rowNumberInAllBlocks
1 unknown: runningDifference runningDifferenceStartingWithFirstValue
2-3 unknown: neighbor
1 unknown: finalizeAggregation
2- unknown: arrayReduce
1 bool: indexHint
1 string: parseReadableSize
1 float: parseTimeDelta
"""
