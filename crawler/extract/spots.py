"""What stands around a headline: texts, the names of the elements around them, and what was made of them."""

import re
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from crawler.extract.page import INLINE

UNLIKELY = re.compile(
    r"^(?:打印.*|关闭.*|字号.*|字体.*|分享.*|微信|微博|评论.*|正文|首页|[大中小]|[大中小]字号?|原创|关注|\+关注|订阅|举报|收藏|参与.*|繁体?|简体?|"
    r"听新闻|朗读|手机看.*|下载.*|扫.*|点击.*|我要.*|人参与|独家.*|复制.*|X|A|保存|纠错|作者|视频|图片|发布|发布于|时间|日期|返回.*|.{0,4}首发|图文|"
    r".*空间|.*扫码.*|登录|搜索|QQ|Qzone|朋友圈|转发.*|链接.*)$|^[\W\d]|[。，！？；：…]|\d{2}:\d{2}|来源|^来自|编辑|记者|阅读|浏览|登录|注册|\d{3,}|位置|次$|加载|^发[布稿表文刊]|时间$|日期$|\d\s?版|[()]|"
    r"^(?:北京|上海|天津|重庆|河北|山西|内蒙古|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|广西|海南|四川|贵州|"
    r"云南|西藏|陕西|甘肃|青海|宁夏|新疆|香港|澳门|台湾|广州|深圳|杭州|南京|武汉|成都|西安|兰州)[市省]?$"
)
AUTHOR_MARKS = re.compile(r"author|writer|byline|zuozhe|nickname|account|user-?name", re.IGNORECASE)
# A name and the paper it writes for: 石佳/中国青年报.
PAIR = re.compile(r"^([\u4e00-\u9fff·\s、]{2,12})[/／]([\u4e00-\u9fffA-Za-z·]{2,16})$")
SHORT = 60


class Spot:
    """A text near the headline; class and id of the elements it stands in are looked up when they are asked for."""

    __slots__ = ("_marks", "node", "text")

    def __init__(self, text: str, node: LexborNode) -> None:
        """`text` is as `labels` reads it, `node` the text node."""
        self.text = text
        self.node = node
        self._marks: str | None = None

    @property
    def marks(self) -> str:
        """Class and id of the inline elements and the first block around the text."""
        if self._marks is None:
            self._marks = ""
            node = self.node.parent
            for _ in range(2):
                if node is None:
                    break
                attributes = node.attributes
                if attributes:
                    self._marks += f" {attributes.get('class') or ''} {attributes.get('id') or ''}"
                if node.tag_id not in INLINE:
                    break
                node = node.parent
        return self._marks


class Named(NamedTuple):
    """A name and why it was taken."""

    name: str | None
    why: str = ""
