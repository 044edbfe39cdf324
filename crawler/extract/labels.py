"""Labels as pages write them: in either script, with or without the reading aids of annotated mirror text."""

import re

SCRIPT = str.maketrans(
    "責編輯來發時間聲關評論眾報導語號權點擊進專題閱讀鏈網頁訂稱佈標體閉贊內記處聯繫轉載覽熱門視頻圖審對稿選錄註冊複製構",
    "责编辑来发时间声关评论众报导语号权点击进专题阅读链网页订称布标体闭赞内记处联系转载览热门视频图审对稿选录注册复制构",
)
TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
ANNOTATION = re.compile(rf"[(（][a-zü]{{0,5}}[{TONED}][a-zü]{{0,5}} ?[)）]")
HINTS = "來發時責編關聲評報閱論權導"  # one of them stands in every label of a page in Traditional script


def without_annotation(text: str) -> str:
    """Return the text without reading aids such as (chǎn) behind a character."""
    if "(" not in text and "（" not in text:
        return text
    return ANNOTATION.sub("", text) if any(map(text.__contains__, TONED)) else text


def simplify(text: str) -> str:
    """Return the text with the characters that labels are made of in Simplified script; as long as before."""
    return text.translate(SCRIPT) if is_traditional(text) else text


def is_traditional(text: str) -> bool:
    """Return whether the text holds characters of labels in Traditional script."""
    return any(map(text.__contains__, HINTS))


def read(text: str) -> str:
    """Return the text on one line, as label rules read it."""
    return simplify(without_annotation(" ".join(text.split())))


def read_all(texts: list[str]) -> list[str]:
    """Return the texts as label rules read them."""
    return both_all(texts)[1]


def both_all(texts: list[str]) -> tuple[list[str], list[str]]:
    """Return the texts, each on one line, and the same as label rules read them.

    All are read as one, with NULs between them, since a hundred calls for short texts take longer than one for all.
    """
    if not texts:
        return [], []
    joined = " ".join("\0".join(texts).split())
    shown = [text.strip() for text in joined.split("\0")]
    plain = simplify(without_annotation(joined))
    return shown, shown if plain == joined else [" ".join(text.split()) for text in plain.split("\0")]


def restore(value: str | None, texts: list[str]) -> str | None:
    """Return a value found in simplified labels in the page's own script again; `texts` are the page's texts.

    A value of several words is looked for word by word, since words may stand in several texts.
    """
    if value is None:
        return None
    raws = [without_annotation(" ".join(text.split())) for text in texts]
    return _find(value, raws) or " ".join(_find(word, raws) or word for word in value.split())


def _find(value: str, raws: list[str]) -> str | None:
    for raw in raws:
        at = raw.translate(SCRIPT).find(value)
        if at >= 0:
            return raw[at : at + len(value)]
    return None
