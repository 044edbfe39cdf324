"""The articles of the families' corner, put together from invented places and matters: no two are alike."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from crawler.dates import CST

PLACES = ("青禾县", "白杨区", "南塬市", "云岭县", "长汀口镇", "石门新区", "柳泉县", "东山坪区", "桐河市", "沙洲县")
MATTERS = (
    (
        "公布标准厂房招租结果",
        "{place}园区管理委员会今日公布第{n}批标准厂房招租结果，共有{a}家企业入围，出租面积合计{b}平方米。",
        "入围企业以装备零部件、绿色建材和食品加工为主，租金按照面积分三档执行，首年给予减免。",
        "公示期为七天，期间接受书面意见；未入围的企业可以参加下一批报名。",
    ),
    (
        "启动技能培训夏季班",
        "{place}人力资源部门启动第{n}期技能培训班，开设焊接、数控、电商三个方向，计划招收学员{a}名。",
        "培训不收取学费，结业考核合格的学员由园区企业优先录用，并发放{b}元一次性就业补贴。",
        "报名者可以到各乡镇便民服务中心登记，名额满后自动转入下一期。",
    ),
    (
        "调整公交线路走向",
        "为方便职工上下班，{place}第{n}路公交线路自下周起调整走向，新设站点{a}处，全程票价不变。",
        "调整后的线路经过产业园、职业学院和高铁站，高峰时段发车间隔缩短，末班车时间推迟到二十二时。",
        "运营公司表示，将根据客流情况在三个月后再作评估，日均客流目标为{b}人次。",
    ),
    (
        "通报水利工程进度",
        "{place}第{n}号灌区改造工程完成渠道衬砌{a}公里，占总任务的六成，预计明年春灌前全部建成通水。",
        "工程总投资{b}万元，建成后可以改善三个乡镇的灌溉条件，亩均节水约四成。",
        "施工单位正在抓紧安装计量设备，用水户今后可以通过手机查询水量和水费。",
    ),
    (
        "征集老旧小区改造意见",
        "{place}住房建设部门就第{n}批老旧小区改造方案征集居民意见，方案涉及{a}个小区、{b}户居民。",
        "改造内容包括屋面防水、雨污分流、加装电梯和增设停车位，外立面只做安全加固。",
        "意见可以在月底之前交到社区，汇总后由设计单位逐条答复并张贴公布。",
    ),
    (
        "发布秋粮收购信息",
        "{place}第{n}期秋粮收购信息显示，本周收购玉米{a}吨、马铃薯{b}吨，价格与上周基本持平。",
        "各收购点全部实行先检后收、现场结算，库点名单和联系方式已在粮站门口公示。",
        "农技人员提醒，近期早晚温差大，尚未脱粒的玉米要注意通风，避免霉变造成损失。",
    ),
    (
        "开展安全生产检查",
        "{place}应急管理部门组织第{n}轮安全生产检查，抽查工矿企业{a}家，发现问题{b}项，已当场整改过半。",
        "检查重点是有限空间作业、粉尘防爆和消防通道，对拒不整改的企业依法停产。",
        "检查组要求企业负责人每周带队巡查一次，并把结果报送所在乡镇备案。",
    ),
)


@dataclass(slots=True, frozen=True)
class Planted:
    """One article of a corner."""

    path: str  # of its address, with its query
    title: str
    paragraphs: tuple[str, ...]
    day: date

    @property
    def published(self) -> datetime:
        """Return the time that the page shows."""
        return datetime.combine(self.day, time(9, 30), CST)


def planted(path: str, number: int, day: date) -> Planted:
    """Return the article of a number; `{n}` and `{day}` in the path become its number and day."""
    place = PLACES[number % len(PLACES)]
    title, *paragraphs = MATTERS[number % len(MATTERS)]
    words = {"place": place, "n": number, "a": 11 + number * 7 % 90, "b": 1200 + number * 137 % 7000}
    texts = tuple(paragraph.format(**words) for paragraph in paragraphs)
    return Planted(path.format(n=number, day=day), f"{place}{title}（第{number}号）", texts, day)


def series(path: str, count: int, start: int, today: date) -> list[Planted]:
    """Return articles of yesterday and before, the newest first."""
    numbers = range(start + count - 1, start - 1, -1)
    return [planted(path, number, today - timedelta(days=1 + index // 3)) for index, number in enumerate(numbers)]
