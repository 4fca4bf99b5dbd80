"""Numbers: arithmetic, mathematics, rounding, comparison, logic, bits."""

FUNCTIONS = """
2 same: plus minus
2 number: multiply modulo moduloOrZero positiveModulo positive_modulo pmod
2 float: divide
2-3 float: divideDecimal multiplyDecimal
2 int: intDiv intDivOrZero div=intDiv gcd lcm
2 int?: intDivOrNull moduloOrNull
1 same: negate abs
2 same: max2 min2
2- same: least greatest
3 same: clamp
2 unknown: midpoint avg2

0 float!: e pi
1 float: exp exp2 exp10 log log2 log10 ln=log sqrt cbrt erf erfc lgamma tgamma sin cos tan asin acos atan sinh cosh
1 float: asinh acosh atanh log1p degrees radians sigmoid
1 same: sqr
2 float: pow power atan2 hypot
1 int: intExp2 intExp10 factorial sign
4 int: width_bucket
2-3 float: proportionsZTest

1-2 same: floor ceil ceiling trunc truncate round roundBankers
1 int: roundToExp2 roundDuration roundAge
2 same: roundDown

1 bool: isFinite isInfinite isNaN
2 float: ifNotFinite

2- bool: and or xor
1 bool: not

2 int: bitAnd bitOr bitXor bitShiftLeft bitShiftRight bitRotateLeft bitRotateRight bitTest bitHammingDistance
1 int: bitNot bitCount
2-3 string: bitSlice
2- int: bitTestAll bitTestAny

1 int: countDigits
0-1 int!: rand rand32=rand rand64
0-1 float!: randCanonical
4 string: bar
"""
