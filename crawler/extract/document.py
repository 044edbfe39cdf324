"""The box of metadata on a government document: 索引号, 发文机关, 发文字号, 成文日期 and their kin."""

import re

FIELDS = {
    "索引号": "索引号",
    "索引": "索引号",
    "信息索引号": "索引号",
    "发文机关": "发文机关",
    "发布机构": "发文机关",
    "发文单位": "发文机关",
    "发布机关": "发文机关",
    "公开主体": "发文机关",
    "制发机关": "发文机关",
    "发文机构": "发文机关",
    "发布单位": "发文机关",
    "公开机构": "发文机关",
    "发文字号": "发文字号",
    "文号": "发文字号",
    "发布文号": "发文字号",
    "文件编号": "发文字号",
    "成文日期": "成文日期",
    "成文时间": "成文日期",
    "发文日期": "成文日期",
    "发文时间": "成文日期",
    "生成日期": "成文日期",
    "印发日期": "成文日期",
    "制发日期": "成文日期",
    "发布日期": "发布日期",
    "发布时间": "发布日期",
    "公开日期": "发布日期",
    "主题分类": "主题分类",
    "信息分类": "主题分类",
    "主题词": "主题词",
    "公文种类": "公文种类",
    "文种": "公文种类",
    "体裁分类": "公文种类",
    "标题": "标题",
    "名称": "标题",
    "文件名称": "标题",
    "有效性": "有效性",
    "时效性": "有效性",
    "效力状态": "有效性",
    "文件状态": "有效性",
}
SPACES = re.compile(r"[\s\u3000]+")
PAIR = re.compile(r"^([\u4e00-\u9fff]{2,6})[:：]\s*(.*)$")
DISTINCTIVE = ("索引号", "发文字号", "发文机关", "成文日期", "主题分类")
LONGEST_VALUE = 120


def read(texts: list[str]) -> dict[str, str] | None:
    """Return the fields of the box out of the texts around the headline, None where there is no such box."""
    found: dict[str, str] = {}
    waiting = ""
    for text in texts:
        bare = SPACES.sub("", text).strip("[]【】")
        match = PAIR.match(bare)
        name = FIELDS.get(match[1] if match else bare.rstrip(":："))
        if name is not None and (match is not None or len(bare) <= 7):
            value = SPACES.sub(" ", text.partition(":")[2] or text.partition("：")[2]).strip() if match else ""
            if value:
                found.setdefault(name, value)
                waiting = ""
            else:
                waiting = name
        elif waiting:
            if len(text) <= LONGEST_VALUE:
                found.setdefault(waiting, SPACES.sub(" ", text))
            waiting = ""
    return found if sum(name in found for name in DISTINCTIVE) >= 2 else None
