"""Text: building, searching, replacing, splitting, encoding."""

FUNCTIONS = """
1 int: length lengthUTF8 char_length=lengthUTF8 character_length=lengthUTF8 octet_length=length ascii
1 bool: empty notEmpty isEmpty=empty isNotEmpty=notEmpty isValidUTF8 isValidASCII
1 same: reverse
1 string: lower upper lcase=lower ucase=upper lowerUTF8 upperUTF8 toValidUTF8 reverseUTF8 initcap initcapUTF8
2 string: left=leftUTF8 right=rightUTF8 leftUTF8 rightUTF8 repeat appendTrailingCharIfAbsent
2-3 string: leftPad rightPad leftPadUTF8 rightPadUTF8 lpad=leftPad rpad=rightPad
2-3 string: substring substr=substring mid=substring substringUTF8
3 string: substringIndex substringIndexUTF8
2- string: format concatWithSeparator concat_ws=concatWithSeparator concatAssumeInjective
1-2 string: trim=trimBoth btrim=trimBoth trimBoth trimLeft trimRight ltrim=trimLeft rtrim=trimRight
1 string: base58Encode base58Decode tryBase58Decode base64Encode base64Decode tryBase64Decode
1 string: base64URLEncode base64URLDecode tryBase64URLDecode base32Encode base32Decode tryBase32Decode
1 string: to_base64=base64Encode from_base64=base64Decode
1 string: encodeXMLComponent decodeXMLComponent decodeHTMLComponent extractTextFromHTML soundex
1 string: regexpQuoteMeta
1 string: normalizeUTF8NFC normalizeUTF8NFD normalizeUTF8NFKC normalizeUTF8NFKD firstLine space
1 string: hex bin
1 string: unhex unbin char
1 float: stringBytesEntropy
1 int: stringBytesUniq
2 bool: startsWith endsWith startsWithUTF8 endsWithUTF8
1- string: printf
2 int: byteHammingDistance editDistance editDistanceUTF8 damerauLevenshteinDistance levenshteinDistance=editDistance
2 float: jaroSimilarity jaroWinklerSimilarity stringJaccardIndex stringJaccardIndexUTF8
3-4 string: overlay overlayUTF8

2-3 int: position positionCaseInsensitive positionUTF8 positionCaseInsensitiveUTF8 locate instr=position strpos=position
2-3 int: countSubstrings countSubstringsCaseInsensitive countSubstringsCaseInsensitiveUTF8
2 int: countMatches countMatchesCaseInsensitive
2 ints: multiSearchAllPositions multiSearchAllPositionsUTF8 multiSearchAllPositionsCaseInsensitive
2 ints: multiSearchAllPositionsCaseInsensitiveUTF8 multiMatchAllIndices
2 int: multiSearchFirstPosition multiSearchFirstPositionUTF8 multiSearchFirstPositionCaseInsensitive
2 int: multiSearchFirstPositionCaseInsensitiveUTF8 multiSearchFirstIndex multiSearchFirstIndexUTF8 multiMatchAnyIndex
2 int: multiSearchFirstIndexCaseInsensitive multiSearchFirstIndexCaseInsensitiveUTF8
2 bool: multiSearchAny multiSearchAnyUTF8 multiSearchAnyCaseInsensitive multiSearchAnyCaseInsensitiveUTF8
2 bool: multiMatchAny match
3 bool: multiFuzzyMatchAny
3 int: multiFuzzyMatchAnyIndex
3 ints: multiFuzzyMatchAllIndices
2 string: extract
2-3 string: regexpExtract regexp_extract=regexpExtract
2 strings: extractAll extractGroups ngrams
2 array!: extractAllGroups=extractAllGroupsVertical extractAllGroupsHorizontal extractAllGroupsVertical
2 float: ngramDistance ngramDistanceCaseInsensitive ngramDistanceUTF8 ngramDistanceCaseInsensitiveUTF8
2 float: ngramSearch ngramSearchCaseInsensitive ngramSearchUTF8 ngramSearchCaseInsensitiveUTF8
2 bool: hasAllTokens hasAnyTokens
2 bool: hasToken hasTokenCaseInsensitive hasSubsequence hasSubsequenceCaseInsensitive hasSubsequenceUTF8
2 bool: hasSubsequenceCaseInsensitiveUTF8
2 bool?: hasTokenOrNull hasTokenCaseInsensitiveOrNull

3 string: replace=replaceAll replaceAll replaceOne replaceRegexpAll replaceRegexpOne regexp_replace=replaceRegexpAll
3 string: translate translateUTF8

2-3 strings: splitByChar splitByString splitByRegexp
1-2 strings: splitByWhitespace splitByNonAlpha alphaTokens splitByAlpha=alphaTokens
1-2 strings: tokens
1-2 string!: arrayStringConcat array_to_string=arrayStringConcat
"""
