"""Functions for queries of our own only: harmless, but no part of HogQL."""

FUNCTIONS = """
1 int: _toInt8=toInt8 _toInt16=toInt16 _toInt32=toInt32 _toInt64=toInt64 _toUInt8=toUInt8 _toUInt32=toUInt32
1 int: _toUInt64=toUInt64 _toUInt16=toUInt16
1 float: _toFloat64=toFloat64
1 date: _toDate=toDate
1 string: _toString=toString
1 unknown: toLowCardinality
2-3 unknown: initializeAggregation
1 array!/3: _countPerStep=countResample
1 ints: _bitPositions=bitPositionsToArray
2 bool!: _equals=equals _notEquals=notEquals _greater=greater _greaterOrEquals=greaterOrEquals _less=less
2 bool!: _lessOrEquals=lessOrEquals
"""
