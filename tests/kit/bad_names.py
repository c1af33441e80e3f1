"""Names that must never become part of a path, for every place that takes one."""

from __future__ import annotations

TRAVERSAL = [
    "..", ".", "...", "../x", "../../x", "x/..", "x/../y", "./x", "/", "//", "/x", "/etc/passwd", "~", "~root", "~/x",
    "\\", "..\\x", "x\\..\\y", "\\\\host\\share", "C:", "C:\\x", "c:/x", "C:x", "//host/share", "file:///etc/passwd",
    "s3://bucket/x", "memory://x", "a::b", "x/", "a/b", "a//b", "a\\b", ".versions", ".versions/x", ".hidden",
    "%2e%2e%2fx", "..%2fx", "%2e%2e", "a%00b", "..;/x", "....//x", "．．/x", "．．", "a／b", "a∕b", "a⁄b", "a＼b",
]  # fmt: skip

DEVICES = [
    "con", "CON", "Con.png", "prn", "PRN.txt", "aux", "AUX.", "nul", "nul.txt", "NUL .png", "com1", "COM9.png", "com0",
    "com¹", "COM²", "lpt1", "LPT9.tar.gz", "lpt³", "conin$", "CONOUT$", "a:b", "a:$DATA", "image.png::$DATA", "CLOCK$",
]  # fmt: skip

EDGES = [
    "", " ", "  ", " a", "a ", "a.", "a..", ".a", "a. ", "\ta", "a\t", "\u00a0", "\u00a0a", "a\u3000", "x" * 65,
    "x" * 300, "x" * 5_000, "ä" * 65, "a\u0301" * 65,
]  # fmt: skip

CONTROLS = [
    "\0", "a\0b", "a\0", "\0.png", "a\nb", "a\n", "\r\n", "a\rb", "a\tb", "a\x1bb", "\x7f", "a\x80b", "a\x85b",
    "\u2028", "a\u2029b", "\u202ea", "a\u202eb", "\u200e", "a\u200bb", "a\u200db", "\ufeffa", "a\ufeff", "a\u2066b",
    "\ud800", "a\udfff", "\udcff", "\ue000", "\U000f0000", "\ufffe", "\uffff", "a\ufffd", "\u0378",
]  # fmt: skip

SIGNS = [
    "*", "?", "a*", "a?b", "<a>", '"a"', "'a'", "a|b", "a;b", "a&b", "$HOME", "${x}", "$(x)", "`x`", "{a}", "[a]",
    "a#b", "a%b", "a@b", "a=b", "a+b", "a,b", "a!b", "a^b",
    "😀", "a😀", "🏳️‍🌈", "¤", "½", "²", "€", "™", "a…b", "“a”", "a–b", "☃",
    "<script>alert(1)</script>", "a'; drop table slots; --", "{{7*7}}", "%s%s%n", "a\\u0000b",
]  # fmt: skip

BAD_NAMES = [*TRAVERSAL, *DEVICES, *EDGES, *CONTROLS, *SIGNS]
