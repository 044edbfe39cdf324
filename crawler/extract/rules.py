"""The words by which furniture is known. Data: what a line must begin with, and what may follow."""

import re

from crawler.extract.labels import SCRIPT


class Rules:
    """Patterns for the beginning of a line, found by its first character."""

    def __init__(self, *rules: tuple[str, str]) -> None:
        """Each rule holds words parted by white space, and a pattern for what may follow one of them."""
        collected: dict[str, list[str]] = {}
        for words, rest in rules:
            for word in words.split():
                collected.setdefault(word[0], []).append(f"{re.escape(word[1:])}(?:{rest})")
        self._by_first = {
            first: re.compile(re.escape(first) + "(?:" + "|".join(patterns) + ")")
            for first, patterns in collected.items()
        }
        both = {chr(simple): chr(traditional) for traditional, simple in SCRIPT.items()}
        self.firsts = {"", *collected, *(both[first] for first in collected if first in both)}

    def match(self, text: str) -> bool:
        """Return whether one of the rules fits the beginning of the text."""
        pattern = self._by_first.get(text[0])
        return pattern is not None and pattern.match(text) is not None


EDITORS = """
责任编辑 责编 编辑 主编 本文编辑 值班编辑 文字编辑 网络编辑 新媒体编辑 实习编辑 流程编辑 运营编辑 图文编辑 编辑制作
编审 审核 校对 审校 责校 初审 复审 终审 监制 排版 编排 值班主任 值班编委 总值班 选稿 录入 签发 统筹 制图 美编 视觉
信息审核 供稿审核 上传
"""
DROP = Rules(
    (EDITORS, r"\s*[:：|｜丨︱/／][^。！？]{0,60}$|(?:\s+[\u4e00-\u9fff]{2,4}){1,3}[\s\])）】]*(?:$|[|｜丨].{0,40}$)"),
    ("责任编辑 责编", r"\s?\S{0,12}[\])）】]?$"),
    ("策划 制片 出品 总监制 一审 二审 三审 一校 二校", r"\s*[:：|｜丨︱][^。！？]{0,60}$"),
    ("纠错", r".{0,20}$"),
    ("分享", r"(?:让更多人看到|到\S{0,8}|至\S{0,8}|按钮|本文|文章)?\s*[:：]?$"),
    (
        "来源 文章来源 稿件来源 信息来源 本文来源 出处 稿源 原文链接 原文标题 原标题 原题 原文地址",
        r"\s*[:：|｜丨︱][^。！？]{0,70}$",
    ),
    ("本文来自 本文转自 本文首发 转自 转载自 原题为 原标题为 本文原载 本文源自", r".{0,70}$"),
    ("更多精彩 更多内容 更多资讯 更多新闻 更多相关 更多信息", r".{0,40}$"),
    ("关注公众号 关注微信 关注我们 微信公众号 公众微信 公众号 欢迎关注 微信扫一扫 打开微信", r".{0,30}$"),
    ("点击进入 点击查看 点击阅读 点击下载 点击展开 点击图片 点击此处 点击收听", r".{0,30}$"),
    ("点击播放 点击观看 点击右上角 点击关注 进入专题", r".{0,30}$"),
    ("返回", r".{0,14}(?:首页|列表|顶部|频道|>>|查看更多).{0,4}$"),
    ("关注", r".{1,20}(?:公众号|微信|微博|客户端|视频号).{0,12}$"),
    ("举报/反馈 举报反馈 展开剩余 海量资讯", r".{0,30}$"),
    ("THE END", r"(?:\s*END)?[\s—-]*$"),
    ("阅读全文 阅读剩余全文 展开全文 展开阅读全文 查看原文 查看更多 查看大图", r".{0,14}$"),
    ("语音播报 我要评论 收听本文 听新闻 播报文章 余下全文 加载更多", r".{0,14}$"),
    (
        "上一篇 下一篇 上一页 下一页 上一条 下一条 上篇 下篇 前一篇 后一篇 末页 尾页 上一章 下一章",
        r"\s*[:：>»]?.{0,60}$",
    ),
    ("广告 推广 举报 图集 收藏 正文 完 打赏 点赞 分享 评论 全文完 打印 关闭 顶部 原创 阅读 责任编辑", r"$"),
    ("当前位置 您的位置 您当前的位置 您现在的位置 当前的位置 所在位置", r".{0,80}$"),
    ("标签 关键词 关键字 Tags Tag TAG TAGS tags 相关标签 文章标签 文章关键词 本文关键词", r"\s*[:：>].{0,80}$"),
    # What follows these labels is a value. A sentence after them is text: 发布人：… answers at a press conference.
    ("发布时间 发布日期 发表时间 更新时间 发稿时间", r"\s*[:：][^。！？]{0,80}$"),
    ("发布人 信息提供", r"\s*[:：][^。！？，；]{0,30}$"),
    ("浏览次数 浏览量 浏览 点击次数 点击量 点击数 点击 阅读次数 阅读量 阅读数 阅读", r"\s*[:：]\s*\d{0,9}.{0,30}$"),
    ("访问量 访问次数 人气", r"\s*[:：]\s*\d{0,9}.{0,30}$"),
    ("附件下载 相关附件 相关文档 相关稿件 附件列表", r"\s*[:：]?$"),
    ("扫码 扫描 扫一扫 长按 识别", r".{0,60}$"),
    ("字号 字体 字体大小", r"\s*[:：]?.{0,20}$"),
    ("打开APP 下载APP 视频加载中 正在加载 加载中 +关注", r".{0,12}$"),
    ("您的浏览器 你的浏览器 请使用", r".{0,30}(?:浏览器|视频|播放|脚本).{0,30}$"),
)

TOOL_WORDS = """
打印本页 打印本文 打印 关闭本页 关闭窗口 关闭 字号 字体 特大 超大 正常 放大 缩小 默认 大 中 小 分享到 分享至 分享
收藏本文 收藏 点赞 微信好友 微信 微博 新浪 腾讯 朋友圈 QQ空间 QQ好友 QQ 复制链接 转发 评论 举报 推荐 阅读 浏览 我要
纠错 听新闻 保存 发送 顶部 返回 邮箱 人人网 豆瓣 手机 朗读 视力保护色 赞 次 繁体 简体 繁 简 A T
"""
TOOLS = re.compile(rf"(?>{'|'.join(map(re.escape, TOOL_WORDS.split()))}|\d{{1,3}}|[^\w\ufffd]+|_)++")
TOOL_FIRSTS = {word[0] for word in TOOL_WORDS.split()}

KINDS = "阅读|新闻|推荐|报道|文章|链接|内容|资讯|视频|专题|稿件|搜索|信息|政策|解读|图解|热点|图片|评论"
RELATED = Rules(
    ("延伸 相关 推荐 扩展 关联 精彩 热门 更多 近期", rf"\s*[·•]?\s*(?:{KINDS})\s*[:：]?[>»\]】\s]*.{{0,4}}$"),
    ("猜你喜欢 大家都在看 大家都在搜 热文排行 为你推荐 为您推荐 编辑推荐 今日推荐", r".{0,8}$"),
    ("你可能还喜欢 您可能还喜欢 你可能感兴趣 您可能感兴趣 您可能也感兴趣 你可能也喜欢", r".{0,8}$"),
    ("相关专题 本周热门 热点推荐 新闻排行 今日热点 最新文章 最新资讯 热门文章", r".{0,8}$"),
)
END = Rules(
    ("免责声明 版权声明 特别声明 郑重声明 法律声明 特别提示 风险提示 版权说明 免责条款 转载声明 版权所有", r""),
    ("声明 提示", r"\s*[:：】\]]"),
    ("声明", r"$"),
    ("网友评论 最新评论 热门评论 全部评论 精彩评论 发表评论 网友跟贴 我要评论", r".{0,40}$"),
    ("评论 跟贴 跟帖", r"\s*[(（]?\d*[)）]?\s*(?:\d+条)?$"),
    ("凡本网 凡注明 凡来源 凡本站 凡是", r".{0,40}(?:作品|稿件|转载|版权|来源|注明)"),
    ("本网 本网站 本站 本平台", r".{0,40}(?:版权|侵权|转载|不代表|观点|投资|删除|上传)"),
    ("本文仅代表 以上内容为 以上内容仅 文章仅代表 文中观点 本文观点 本文不构成", r""),
    ("未经授权 未经许可 未经书面 未经本", r".{0,30}(?:转载|复制|使用|摘编)"),
    ("如需转载 转载请 如有侵权 如涉及 如发现 违法和不良", r".{0,60}$"),
)
STOPS = """
网友评论 发表评论 全部评论 我要评论 网友跟贴 猜你喜欢 为您推荐 为你推荐 热点排行 新闻排行 阅读排行 点击排行 热文排行
排行榜 编辑推荐 值班总编推荐 您可能感兴趣 你可能感兴趣 您可能喜欢 你可能喜欢 24小时热文 24小时排行 滚动新闻 友情链接
评论 跟贴
"""
STOP_WORDS = frozenset(STOPS.split()) | frozenset(
    first + second
    for first in (
        "相关",
        "延伸",
        "推荐",
        "热门",
        "精彩",
        "热点",
        "最新",
        "更多",
        "关联",
        "扩展",
        "大家",
        "近期",
        "今日",
    )
    for second in (*KINDS.split("|"), "排行", "热文", "都在看", "都在搜")
)
