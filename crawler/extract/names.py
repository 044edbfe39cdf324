"""Names of persons in bylines: told from names of papers and offices by surname, length and company."""

import re

# The commonest Chinese surnames; about 97 % of the population bear one of the first 300.
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
    "石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章"
    "鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧阳管柴蒙鲍华喻祁蒲房滕屈饶"
    "解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑"
    "郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆"
    "朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕"
    "張劉陳楊黃趙吳孫馬鄭許韓馮鄧蕭蔣葉蘇呂鐘譚陸賈韋鄒閻龍陶賀顧龔萬錢嚴湯溫龐顏莊聶魯關蘭寧紀畢單蓋"
)
COMPOUND = (
    "欧阳",
    "上官",
    "司马",
    "诸葛",
    "司徒",
    "夏侯",
    "皇甫",
    "令狐",
    "慕容",
    "尉迟",
    "公孙",
    "东方",
    "端木",
    "歐陽",
)
# Names under which desks of party papers sign; they are no persons.
COLLECTIVE = "钟声 和音 仲音 国纪平 任仲平 钟才文 任理轩 仲祖文 何振华 金社平 本评 宣言 郑青原 郭纪 望海楼"
HAN = "\u4e00-\u9fff"
PERSON = re.compile(rf"[{HAN}]{{2,4}}|[{HAN}]{{2,8}}·[{HAN}·]{{2,14}}")
NOT_A_PERSON = re.compile(
    r"本报|本刊|本网|记者|通讯员|编辑|来源|作者|中国|日报|晚报|早报|时报|商报|周刊|杂志|新闻|[网社报刊台局厅部委院所署]$|研究|大学|学院|"
    r"评论|电视|客户端|特约|综合|报道|整理|编译|翻译|网络|佚名|匿名|小编|管理员|未知|公司|集团|中心|办公室|政府|工作室|频道|频率|发布|"
    r"[部院所局处科厅市县镇区省校会班社站台]长|主席|书记|研究员|院士|理事|秘书|经理|总裁|董事|律师|分析师|委员|"
    r"^(?:江苏|江西|安徽|甘肃|宁夏|云南|海南|黑龙江|常州|温州|金华|石家庄)|阅读|浏览|点击|人气|[数次量]$|实习|见习|首席|摄影|图片|原创|转载|获悉|表示|介绍|今日|近日|昨日|来自|系列|专栏|观察|教授|博士|主任|系$|摄$"
)
AFFILIATION = re.compile(
    r"^.*(?:大学|学院|研究院|研究所|中心|公司|委员会|[局厅部社报网院会台刊站系]|研究员|教授|主任|博士|院士|律师|[部院所会局处]长|秘书长|记者|评论员)"
    r"(?=[\u4e00-\u9fff]{2,4}$)"
)
FOLLOWED = re.compile(
    r"^([\u4e00-\u9fff]{2,3})(?:北京|上海|天津|重庆|中国|国家|中共|全国|清华|复旦|河北|山西|辽宁|吉林|黑龙|江苏|浙江|安徽|福建|江西|山东|河南|"
    r"湖北|湖南|广东|广西|海南|四川|贵州|云南|西藏|陕西|甘肃|青海|宁夏|新疆|南京|武汉|华东|华中|为|系|是|单位)"
)
ROLES = re.compile(
    rf"[{HAN}·]*(?:记者|通讯员|撰稿人|评论员|作者|撰文|采写|撰稿|执笔)\s*[:：/／|｜]?|(?:文字?|图)\s*[:：/／|｜]"
)
APART = re.compile(rf"(?<![{HAN}])([{HAN}])\s+([{HAN}])(?![{HAN}])")
SPLIT = re.compile(r"[\s、，,;；/／&|｜]+|(?<=[\u4e00-\u9fff]{2})和(?=[\u4e00-\u9fff]{2})")
END = re.compile(
    r"责任编辑|责编|编辑|编审|审核|校对|来源|时间|发布(?:时间|日期|于|[:：])|摄影|图\s*[:：/／|｜]|图片|制图|视频|剪辑|监制|统筹|\d|[。！？（(]"
)


def read(text: str, *, labelled: bool) -> str:
    """Return the persons named in the text, joined by one space; without a label a surname is demanded."""
    text = APART.sub(r"\1\2", END.split(text.strip(), maxsplit=1)[0])
    found = []
    for part in SPLIT.split(ROLES.sub(" ", text)):
        name = _person(part.strip(" ·:：-—()（）[]【】"))
        if name and (labelled or has_surname(name)) and name not in found:
            found.append(name)
    return " ".join(found)


def _person(part: str) -> str:
    if len(part) > 4 and "·" not in part:
        followed = FOLLOWED.match(part)
        part = followed[1] if followed else AFFILIATION.sub("", part)
    return part if PERSON.fullmatch(part) and not NOT_A_PERSON.search(part) and part not in COLLECTIVE.split() else ""


def may_begin(text: str) -> bool:
    """Return whether the text can begin with a name that `has_surname`."""
    return text[:1] in SURNAMES or "·" in text or text.startswith(COMPOUND)


def has_surname(name: str) -> bool:
    """Return whether the name reads like a Chinese personal name."""
    if "·" in name:
        return True
    return name.startswith(COMPOUND) or (len(name) <= 3 and name[0] in SURNAMES)
