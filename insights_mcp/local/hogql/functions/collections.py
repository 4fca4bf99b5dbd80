"""Arrays, tuples, maps and bitmaps. arrayReverseSort() sorts upwards: so PostHog's own list of functions has it."""

FUNCTIONS = """
0- array!: array
1-3 ints: range
2- first: arrayConcat arrayUnion
2 item: arrayElement arrayElementOrNull
2 bool: has hasAll hasAny hasSubstr
2 int: indexOf indexOfAssumeSorted countEqual
1- int: arrayCount arrayUniq
1 ints: arrayEnumerate arrayEnumerateDense
1- ints: arrayEnumerateUniq
1 first: arrayPopBack arrayPopFront arrayDistinct arrayReverse arrayCompact arrayShuffle
2 first: arrayPushBack arrayPushFront arrayRotateLeft arrayRotateRight arrayExcept arrayRemove
2-3 first: arrayResize arraySlice arrayShiftLeft arrayShiftRight
1- array!: arrayIntersect arrayFlatten flatten=arrayFlatten arrayZip arrayZipUnaligned
1 item: arrayJoin
1 array!: arrayDifference
2 float: arrayAUC arrayROCAUC=arrayAUC arrayDotProduct arrayJaccardIndex
2 array!: arrayWithConstant arrayRandomSample
1 float: arrayProduct
2- array!: arrayMap arraySplit arrayReverseSplit arrayFill arrayReverseFill
1- array!: arrayCumSum arrayCumSumNonNegative
2- second: arrayFilter
1- last: arraySort arrayReverseSort=arraySort
2- unknown: arrayPartialSort arrayPartialReverseSort
1- bool: arrayExists arrayAll
2- unknown: arrayFirst arrayLast
2- unknown?: arrayFirstOrNull arrayLastOrNull
2- int: arrayFirstIndex arrayLastIndex
3- unknown: arrayFold
1-2 unknown: arrayMin arrayMax arraySum
1-2 float: arrayAvg
0 array!: emptyArrayString emptyArrayInt64 emptyArrayFloat64 emptyArrayUInt64 emptyArrayDate emptyArrayDateTime

0- tuple!: tuple
2-3 unknown: tupleElement
1 unknown: untuple
2 int: tupleHammingDistance
1 array!: tupleToNameValuePairs
2- tuple!: tupleConcat
2 tuple!: tuplePlus vectorSum=tuplePlus tupleMinus vectorDifference=tupleMinus tupleMultiply tupleDivide
2 tuple!: tupleMultiplyByNumber tupleDivideByNumber tupleModulo tupleIntDiv tupleIntDivOrZero
1 tuple!: tupleNegate flattenTuple
2 float: dotProduct
1 float: L1Norm L2Norm L2SquaredNorm LinfNorm
2 float: LpNorm L1Distance L2Distance L2SquaredDistance LinfDistance cosineDistance
3 float: LpDistance
1 tuple!: L1Normalize L2Normalize LinfNormalize
2 tuple!: LpNormalize

0- map!: map
1-2 map!: mapFromArrays
2- map!: mapAdd mapSubtract mapConcat
1-3 map!: mapPopulateSeries
2 bool: mapContains=mapContainsKey mapContainsKey mapContainsValue mapContainsKeyLike mapContainsValueLike
1 array!: mapKeys mapValues
2 map!: mapExtractKeyLike mapExtractValueLike mapApply mapFilter mapUpdate
1-2 map!: mapSort mapReverseSort
1-2 bool: mapAll mapExists

1 unknown: bitmapBuild
1 ints: bitmapToArray
3 unknown: bitmapSubsetInRange bitmapSubsetLimit subBitmap bitmapTransform
2 bool: bitmapContains bitmapHasAny bitmapHasAll
1 int: bitmapCardinality bitmapMin bitmapMax
2 unknown: bitmapAnd bitmapOr bitmapXor bitmapAndnot
2 int: bitmapAndCardinality bitmapOrCardinality bitmapXorCardinality bitmapAndnotCardinality
"""
