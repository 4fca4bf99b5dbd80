"""Aggregates. After a slash stands how many parameters they take: quantile(0.5)(x) is `1 /0-1`.

Every one of them also comes with the suffixes of COMBINATORS: sumIf, uniqExactArray, avgMergeIf.
"""

FUNCTIONS = """
0-1 int!: count
1 same: min max any anyLast anyHeavy first_value last_value any_value=any singleValueOrNull
1 number: sum sumWithOverflow sumKahan
1 float: avg stddevPop stddevSamp varPop varSamp skewPop skewSamp kurtPop kurtSamp stddevPopStable stddevSampStable
1 float: varPopStable varSampStable stddev=stddevSamp variance=varSamp stddev_pop=stddevPop stddev_samp=stddevSamp
1 float: var_pop=varPop var_samp=varSamp
2 float: covarPop covarSamp corr covar_pop=covarPop covar_samp=covarSamp avgWeighted rankCorr corrStable
2 float: cramersVBiasCorrected
2 float: covarPopStable covarSampStable cramersV theilsU contingency
2 first: argMin argMax min_by=argMin max_by=argMax
1- int!: uniq uniqExact uniqCombined uniqCombined64 uniqHLL12 uniqTheta=uniq countDistinct=uniqExact
1- int!/1: uniqUpTo
1 array!/0-1: groupUniqArray groupArray groupArrayLast array_agg=groupArray
1 array!/1-2: groupArraySample
1 array!/1: groupArraySorted
2 array!/0-2: groupArrayInsertAt
1 array!/0-1: groupArrayMovingAvg groupArrayMovingSum
1 array!: groupArrayIntersect
1 string/0-2: groupConcat group_concat=groupConcat
1 int: groupBitAnd groupBitOr groupBitXor groupBitmap
1 int: groupBitmapAnd groupBitmapOr groupBitmapXor
1 number: deltaSum
2 number: deltaSumTimestamp
1-2 unknown: sumMap sumMappedArrays minMap minMappedArrays maxMap maxMappedArrays
1 tuple!: sumCount
1 array!/1-3: topK approx_top_k approx_top_count
2 array!/1-3: topKWeighted approx_top_sum
1 float/1: quantile quantileExact
1 float/0-1: quantileExactLow quantileExactHigh quantileTiming quantileTDigest quantileBFloat16
1 float/0-1: median=quantile quantileExactExclusive quantileExactInclusive
1 float: medianExact medianExactLow medianExactHigh medianTiming medianTDigest medianBFloat16
2 float: medianExactWeighted medianDeterministic medianTimingWeighted medianTDigestWeighted
2 float/0-1: quantileDeterministic quantileExactWeighted quantileTimingWeighted quantileTDigestWeighted
2 float/0-1: quantileInterpolatedWeighted
1 array!/1-: quantiles quantilesExact quantilesExactLow quantilesExactHigh quantilesTiming quantilesTDigest
1 array!/1-: quantilesBFloat16 quantilesExactExclusive quantilesExactInclusive
2 array!/1-: quantilesDeterministic quantilesExactWeighted quantilesTimingWeighted quantilesTDigestWeighted
2 array!/1-: quantilesInterpolatedWeighted
1 array!/1: histogram
2 tuple!: simpleLinearRegression
2 array!/1: largestTriangleThreeBuckets
2 int: maxIntersections maxIntersectionsPosition intervalLengthSum
1 float: entropy
2 float/1: exponentialMovingAverage exponentialTimeDecayedAvg exponentialTimeDecayedSum exponentialTimeDecayedMax
1 float/1: exponentialTimeDecayedCount
2- int!/1-: windowFunnel
1-32 ints: retention
2- bool!/1: sequenceMatch
2- int!/1: sequenceCount
2 tuple!/0-2: mannWhitneyUTest
2 tuple!/0-1: studentTTest welchTTest
2 tuple!: kolmogorovSmirnovTest
1 string/1-3: sparkbar
2 float: boundingRatio
"""
# Suffix and how many arguments it adds.
COMBINATORS = {
    "If": 1,
    "Array": 0,
    "Map": 0,
    "Distinct": 0,
    "OrDefault": 0,
    "OrNull": 0,
    "ForEach": 0,
    "ArgMin": 1,
    "ArgMax": 1,
    "State": 0,
    "Merge": 0,
}
# Only over a window.
WINDOW_FUNCTIONS = """
0 int!: rank dense_rank=dense_rank row_number
0 float!: percent_rank cume_dist
1 int!: ntile
1-3 same: lagInFrame leadInFrame lag lead
2 same: nth_value
"""
