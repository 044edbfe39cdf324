"""What stands in an article's container without being the article: editors' lines, notices, tools, related links."""

import re

from crawler.extract.lines import Line

# Labels come in both scripts, and in annotated mirror text; see the pattern below.
SCRIPT = str.maketrans(
    "責編輯來發時間聲關評論眾報導語號權點擊進專題閱讀鏈網頁訂稱佈標體關閉點贊贊內記處聯繫繁轉載覽熱門視頻圖",
    "责编辑来发时间声关评论众报导语号权点击进专题阅读链网页订称布标体关闭点赞赞内记处联系繁转载览热门视频图",
)
TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
ANNOTATION = re.compile(rf"[(（][a-zü]{{0,5}}[{TONED}][a-zü]{{0,5}} ?[)）]")
_OPEN = r"^[\s\[【(（〔「*\-—>•·]*"
DROP = re.compile(
    _OPEN + r"(?:"
    r"(?:本文|本期|值班|文字|网络|图文|原文|新媒体|本版|执行|流程|统筹|美术|视觉|技术|运营)?(?:责任编辑|责编|编辑|主编|审核|校对|监制|编审|审校|终审|初审|复审|责校|排版|编排|值班主任|总值班|选稿|录入|签发)\s*[:：|｜丨/／].{0,60}$"
    r"|(?:责任编辑|责编)\s?\S{2,12}[\])）】]?$"
    r"|(?:\[|【)?纠错(?:\]|】)?.{0,20}$"
    r"|分享(?:让更多人看到|到|至).{0,12}$|[+＋]1$"
    r"|(?:本文)?(?:文章|稿件|信息|本文)?(?:来源|出处|稿源|转自|原文链接|原文标题|原标题|原题)\s*[:：|｜丨].{0,70}$"
    r"|[(（]?(?:本文|原题|原标题)(?:来自|转自|首发|原载|为[:：《]).{0,80}$"
    r"|.{0,12}(?:扫描|扫一扫|长按|扫码|识别).{0,14}(?:二维码|分享|关注|阅读|手机|下载|浏览|打开|微信|查看).{0,30}$|扫码.{0,12}$"
    r"|(?:更多(?:精彩|内容|资讯|新闻|相关)).{0,40}$"
    r"|(?:关注|微信)(?:公众号|微信|我们).{0,30}$|.{0,10}公众微信.{0,20}$|微信公众号\s*[:：]?.{0,20}$"
    r"|点击(?:进入|查看|阅读|下载|展开|图片|此处|收听).{0,24}$|进入专题.{0,30}$|返回.{0,14}(?:首页|列表|顶部|>>).{0,4}$"
    r"|阅读(?:剩余)?全文.{0,10}$|展开(?:全文|阅读全文).{0,6}$|查看(?:原文|更多|大图)$|责任编辑$|语音播报.{0,12}$|我要评论.{0,12}$"
    r"|(?:上一?[篇页条]|下一?[篇页条]|首页|尾页|末页|前一篇|后一篇)\s*[:：]?.{0,60}$"
    r"|(?:【?\[?\d{1,2}\]?】?\s*){2,}(?:下一?页|末页|尾页)?$"
    r"|广告$|推广$|举报$|图集$|收藏$|完$|正文$|您?当前(?:的)?位置.{0,80}$|(?:标签|关键词|关键字|TAG)\s*[:：].{0,80}$"
    r"|(?:发布|发表|更新|发稿)(?:时间|日期)\s*[:：].{0,80}$|浏览(?:次数|量)\s*[:：].{0,30}$|(?:点击|阅读)(?:次数|量|数)\s*[:：]?.{0,30}$"
    r"|(?:附件下载|相关附件|附件|相关文档|相关稿件)\s*[:：]?$"
    r")",
    re.IGNORECASE,
)
TOOLS = re.compile(
    r"^(?:\W|打印(?:本页|本文)?|关闭(?:本页|窗口)?|字号|字体|大|中|小|特大|超大|正常|放大|缩小|默认|分享(?:到|至)?|收藏(?:本文)?|点赞|微信|微博|新浪|腾讯|朋友圈|QQ空间|QQ|"
    r"复制链接|转发|评论|举报|推荐|阅读|浏览|我要|纠错|听新闻|A|\+|-|T|繁|简|\d{1,3}|保存|发送|顶部|返回|邮箱|人人网|豆瓣|手机|朗读|视力保护色|赞|次){1,24}$",
    re.IGNORECASE,
)
CUT = re.compile(
    _OPEN + r"(?:"
    r"(?:延伸|相关|推荐|扩展|关联|精彩|热门|更多)\s*[·•]?\s*(?:阅读|新闻|推荐|报道|文章|链接|内容|资讯|视频|专题|稿件|搜索|政策解读)\s*[:：]?(?:\s*[>»]*|.{0,4})$"
    r"|(?:免责|版权|特别|郑重|重要)?(?:声明|提示)\s*[:：】\]]?(?:.{0,6}$|.*(?:本网|本站|转载|版权|侵权|平台|不代表|仅供|作者个人|投资建议|证实|观点))"
    r"|(?:版权|免责|特别)(?:声明|说明|所有).*"
    r"|(?:网友|最新|热门|全部|精彩)?(?:评论|跟贴|跟帖)(?:\s*[(（]?\d*[)）]?)\s*(?:\d+条)?$|发表评论.{0,10}$|\d+条评论$|网友评论.{0,30}$"
    r"|(?:猜你喜欢|大家都在看|热文排行|为[您你]推荐|编辑推荐|今日推荐|你可能(?:还)?(?:喜欢|感兴趣).{0,8}|您可能(?:还)?(?:喜欢|感兴趣).{0,8}|相关专题|本周热门|热点推荐|新闻排行.{0,6}|24小时(?:热|滚动).{0,8})[:：]?$"
    r"|凡(?:本网|注明|来源).{0,40}(?:作品|稿件|转载|版权|来源).*"
    r"|(?:本网|本站|本平台)(?:站)?.{0,30}(?:版权|侵权|转载|不代表).*"
    r"|.{0,16}(?:未经|禁止).{0,12}(?:授权|许可|书面).{0,20}(?:转载|复制|使用|摘编).{0,60}$"
    r")",
)
TAIL = re.compile(
    r"\s*(?:[\[【(（]\s*(?:责任编辑|责编|编辑|校对|审核|值班主任)\s*[:：].{1,40}?[\])）】]|[\[【]\s*纠错\s*[\]】]|"
    r"(?:责任编辑|责编|本文编辑)\s*[:：]\s*[\w、，· /]{1,24}|返回[^。]{0,10}首页>*)\s*$"
)
DATELINE = re.compile(
    r"^.{0,40}(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}.{0,60}$",
)
SHORT = 120


def label(text: str) -> str:
    """Return the text with the characters of labels in Simplified script and reading aids taken out."""
    if "(" in text or "（" in text:
        text = ANNOTATION.sub("", text)
    return text.translate(SCRIPT)


def clean(lines: list[Line], headline: str) -> list[str]:
    """Return the article's paragraphs."""
    texts = [(line, " ".join(line.text.split()) if "\t" not in line.text else line.text.strip()) for line in lines]
    texts = [(line, text) for line, text in texts if text.strip("\u200b\ufeff \t")]
    texts = _open(texts, headline)
    texts = _cut(texts)
    kept = [(line, TAIL.sub("", text)) for line, text in texts if not _is_furniture(text)]
    while kept and _trailing_link(*kept[-1]):
        kept.pop()
    return [text for _, text in kept if text]


def _is_furniture(text: str) -> bool:
    if len(text) > SHORT:
        return False
    text = label(text)
    return bool(DROP.match(text) or TOOLS.match(text))


def _trailing_link(line: Line, text: str) -> bool:
    return not line.files and line.linked >= 0.9 * len(text.replace(" ", ""))


def _open(texts: list[tuple[Line, str]], headline: str) -> list[tuple[Line, str]]:
    """Drop what stands before the article: the headline again, date and source line, tools."""
    wanted = "".join(headline.split())
    start = 0
    for number, (_, text) in enumerate(texts[:14]):
        if wanted and "".join(text.split()) == wanted:
            start = number + 1
        elif len(text) < 90 and DATELINE.match(text) and "。" not in text:
            if all(len(before) < 90 for _, before in texts[start:number]):
                start = number + 1
        elif len(text) > SHORT:
            break
    return texts[start:]


def _cut(texts: list[tuple[Line, str]]) -> list[tuple[Line, str]]:
    """Drop everything behind a notice or a list of related links in the later part."""
    total = sum(len(text) for _, text in texts)
    passed = 0
    for number, (_, text) in enumerate(texts):
        if passed >= 0.4 * total and passed > 40 and len(text) < 400 and CUT.match(label(text)):
            return texts[:number]
        passed += len(text)
    return texts
