"""Captions as tools have written them, and files that belong together, with what is right: for every way in."""

from __future__ import annotations

from typing import Final

ENCODED: Final = (
    *(("utf-8", text) for text in ("a cat", "猫", "café ☕ 👩‍🚀", "e\u0301te\u0301")),
    *(("utf-8-sig", text) for text in ("ein großer Hund", "猫")),
    *((form, text) for form in ("utf-16", "utf-32") for text in ("a cat", "少女、青い空", "кошка", "👩‍🚀 in space")),
    *(
        ("utf-16-le", text)
        for text in ("a cat", "naïve", "少女、青い空", "кошка на окне", "소녀가 서 있다", "女の子が海辺に立っている")
    ),
    *(("utf-16-be", text) for text in ("a cat", "naïve", "少女、青い空", "кошка на окне", "小猫, 少女")),
    *(
        ("cp1252", text)
        for text in (
            *("café", "Zoë naïve", "ein Mädchen im grünen Kleid, Straße", "un château à la montagne, été", "fiancée"),
            *("señora con niño", "photo of a “quoted” thing — dash", "5 € note", "it’s a dog", "Ångström", "½ cup"),
            *("20°C", "ÉTÉ À PARIS", "Ein schöner Tag, 20 €, Größe “M”", "¿qué?", "2 × 3", "Å"),
        )
    ),
    *(
        ("shift_jis", text)
        for text in (
            "少女、青い空",
            "女の子が海辺に立っている",
            "1girl, 少女, smile",
            "ネコ",
            "富士山と桜",
            "桜",
        )
    ),
    *(("euc_jp", text) for text in ("少女、青い空", "女の子が海辺に立っている")),
    *(("iso2022_jp", text) for text in ("少女、青い空",)),
    *(("gb18030", text) for text in ("一个女孩站在海边", "1girl, 女孩, 微笑", "中国风景照片,长城")),
    *(("big5", text) for text in ("一個女孩站在海邊", "1girl, 女孩, 微笑", "台灣風景照片")),
    *(("cp949", text) for text in ("소녀가 바다에 서 있다", "고양이", "한국 풍경 사진")),
    *(("cp1251", text) for text in ("кошка на окне", "девушка в синем платье", "Пейзаж", "ПОРТРЕТ ДЕВУШКИ")),
    *(("koi8_r", text) for text in ("кошка на окне", "девушка в синем платье")),
    *(("cp1250", text) for text in ("žluťoučký kůň", "dziewczyna w łódce", "Łódź")),
    *(("cp1253", text) for text in ("γάτα στο παράθυρο", "κορίτσι")),
    *(("cp1254", text) for text in ("İstanbul’da bir kız", "güneşli bir gün")),
    *(("cp1255", text) for text in ("חתול על החלון",)),
    *(("cp1256", text) for text in ("قطة على النافذة",)),
    *(("cp874", text) for text in ("แมวบนหน้าต่าง",)),
    *(("iso8859_15", text) for text in ("Œuvre à la française", "ma sœur", "5 € en été")),
    *(("mac_roman", text) for text in ("café",)),
    *(("cp850", text) for text in ("café",)),
)
"""(encoding, text): the text comes back from its bytes."""

NOT_TEXT: Final = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    bytes(range(256)),
    b"a\0b",
    b"\x81\x8d\x8f\x90\x9d",
    b"\xff\xfea",  # a mark of UTF-16, and half a character
    b"\xef\xbb\xbfcaf\xe9",  # a mark of UTF-8, and no UTF-8
    b"\xbe\xaf\xbd\xf7",  # two signs of Japanese or of Chinese
)
"""Bytes that are refused, not guessed at."""

BESIDE: Final = (
    ("x.png", "x.txt"),
    ("x.png", "x.caption"),
    ("x.png", "x.png.txt"),
    ("x.png", "x.png.caption"),
    ("X.PNG", "x.TXT"),
    ("X.PNG", "x.Caption"),
    ("X.PNG", "X.TXT"),
    ("x.png", "X.png.txt"),
    ("x.tar.png", "x.tar.txt"),
    ("caf\u00e9.jpg", "cafe\u0301.txt"),
    ("cafe\u0301.jpg", "caf\u00e9.txt"),
    ("x.jfif", "x.txt"),
)
"""(picture, its caption)."""

PAIRED: Final = (
    (("a.png", "a.txt", "a.png.txt"), {"a.png": ("a.png.txt", None)}),
    (("a.png", "a.caption", "a.txt"), {"a.png": ("a.txt", None)}),
    (("a.png", "a.jpg", "a.txt"), {"a.png": ("a.txt", None), "a.jpg": ("a.txt", None)}),
    (("a.png", "a.jpg", "a.jpg.txt"), {"a.png": (None, None), "a.jpg": ("a.jpg.txt", None)}),
    (("A.png", "a.png", "a.txt"), {"A.png": (None, None), "a.png": ("a.txt", None)}),
    (("d/a.png", "a.txt"), {"d/a.png": (None, None)}),
    (("a.png", "masks/A.webp"), {"a.png": (None, "masks/A.webp")}),
    (("a.png", "Mask/a.png", "b.png"), {"a.png": (None, "Mask/a.png"), "b.png": (None, None)}),
    (("a.png", "a-MaskLabel.png"), {"a.png": (None, "a-MaskLabel.png")}),
    (("a.png", "masks/a.png", "masks/gone.png"), {"a.png": (None, "masks/a.png")}),
    (("masks/venetian.png", "masks/venetian.txt"), {"masks/venetian.png": ("masks/venetian.txt", None)}),
    (("z-masklabel.png",), {"z-masklabel.png": (None, None)}),
    (("a.heic", "a.txt", "b.gif"), {"b.gif": (None, None)}),
    (("notes.txt",), {}),
)
"""Files, and the pictures among them with caption and mask: for the server and for the page."""

LITTER: Final = (
    *("#recycle/x.png", "$RECYCLE.BIN/x.png", "@eaDir/x.png", "@Recycle/x.png", "__MACOSX/x.png", "lost+found/x.png"),
    *("System Volume Information/x.png", "a/@eaDir/b/x.png", "RECYCLER/x.png", "#snapshot/x.png", ".hidden/x.png"),
    *("~$x.png", "x.png~", "y.png.part", "y.png.crdownload", "._x.png", ".x.png", "Thumbs.db", "desktop.ini"),
    *("#x.png#", "x.png.bak", "x.png.tmp", "a/~$x.png", "SYNOFILE_THUMB_M.png"),
)
NO_LITTER: Final = (
    "x.png",
    "#1/x.png",
    "$/x.png",
    "@home/x.png",
    "~x.png",
    "part.png",
    "a~b.png",
    "#x.png",
    "tmp/x.png",
)
