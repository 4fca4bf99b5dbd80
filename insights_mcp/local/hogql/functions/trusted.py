"""Functions for queries of our own only: harmless, but no part of HogQL."""

FUNCTIONS = """
1 int: _toUInt8=toUInt8 _toUInt32=toUInt32 _toUInt16=toUInt16
1 float: _toFloat64=toFloat64
1 string: _toString=toString
1 unknown: toLowCardinality
2-3 unknown: initializeAggregation
1 array!/3: _countPerStep=countResample
1 ints: _bitPositions=bitPositionsToArray
2 bool!: _equals=equals _notEquals=notEquals _greater=greater _greaterOrEquals=greaterOrEquals _less=less
2 bool!: _lessOrEquals=lessOrEquals
"""
