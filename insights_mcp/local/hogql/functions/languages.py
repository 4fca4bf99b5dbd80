"""Names of languages by their two-letter codes, for languageCodeToName()."""

LANGUAGES = {
    code: name
    for code, _, name in (
        pair.partition(":")
        for pair in """
    ar:Arabic|bg:Bulgarian|bn:Bengali|ca:Catalan|cs:Czech|cy:Welsh|da:Danish|de:German|el:Greek|en:English|eo:Esperanto
    |es:Spanish|et:Estonian|eu:Basque|fa:Persian|fi:Finnish|fr:French|ga:Irish|gl:Galician|gu:Gujarati|he:Hebrew|hi:Hindi
    |hr:Croatian|hu:Hungarian|hy:Armenian|id:Indonesian|is:Icelandic|it:Italian|ja:Japanese|ka:Georgian|kk:Kazakh
    |km:Khmer|kn:Kannada|ko:Korean|lt:Lithuanian|lv:Latvian|mk:Macedonian|ml:Malayalam|mn:Mongolian|mr:Marathi|ms:Malay
    |my:Burmese|nb:Norwegian Bokmål|ne:Nepali|nl:Dutch|nn:Norwegian Nynorsk|no:Norwegian|pa:Punjabi|pl:Polish
    |pt:Portuguese|ro:Romanian|ru:Russian|si:Sinhala|sk:Slovak|sl:Slovenian|sq:Albanian|sr:Serbian|sv:Swedish|sw:Swahili
    |ta:Tamil|te:Telugu|th:Thai|tl:Tagalog|tr:Turkish|uk:Ukrainian|ur:Urdu|uz:Uzbek|vi:Vietnamese|yi:Yiddish|zh:Chinese
    |zu:Zulu
    """.replace("\n    ", "")
        .strip()
        .split("|")
    )
}
