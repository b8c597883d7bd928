"""Invented but believable names, numbers and papers."""

from datetime import date
from random import Random

from stdnum.cn import ric, uscc

# The most frequent surnames with their rough share among a thousand people.
SURNAMES = {
    "王": 72,
    "李": 72,
    "张": 68,
    "刘": 54,
    "陈": 45,
    "杨": 31,
    "黄": 22,
    "赵": 21,
    "吴": 20,
    "周": 20,
    "徐": 15,
    "孙": 15,
    "马": 13,
    "朱": 13,
    "胡": 12,
    "郭": 12,
    "何": 12,
    "林": 11,
    "高": 11,
    "罗": 9,
    "郑": 9,
    "梁": 9,
    "谢": 8,
    "宋": 7,
    "唐": 7,
    "许": 6,
    "韩": 6,
    "邓": 6,
    "冯": 6,
    "曹": 6,
    "彭": 5,
    "曾": 5,
    "肖": 5,
    "田": 5,
    "董": 5,
    "潘": 5,
    "袁": 5,
    "蔡": 5,
    "蒋": 5,
    "余": 4,
    "于": 4,
    "杜": 4,
    "叶": 4,
    "程": 4,
    "魏": 4,
    "苏": 4,
    "吕": 4,
    "丁": 4,
    "任": 4,
    "卢": 4,
    "姚": 4,
    "沈": 4,
    "钟": 4,
    "姜": 3,
    "崔": 3,
    "谭": 3,
    "陆": 3,
    "范": 3,
    "汪": 3,
    "廖": 3,
    "石": 3,
    "金": 3,
    "单": 1,
    "仇": 1,
    "解": 1,
    "欧阳": 1,
    "司马": 1,
}
MALE = (
    "伟 强 磊 军 勇 杰 涛 超 明 刚 平 辉 鹏 华 飞 鑫 波 斌 宇 浩 凯 健 俊 帆 帅 旭 宁 龙 林 阳"
    " 建华 志强 建国 文杰 浩然 俊杰 志明 海涛 永强 子轩 宇航 国强 建军 晓东 立新 家豪 志远 天佑"
    " 振华 德明 少华 泽宇 文博 思远 嘉诚 启明 学文 光辉 景行 明哲"
).split()
FEMALE = (
    "芳 娜 敏 静 丽 艳 娟 霞 玲 婷 雪 慧 莹 洁 燕 红 萍 丹 蕾 倩 颖 琳 欣 晶 瑶 璐 梅 兰 云 怡"
    " 秀英 桂英 秀兰 玉兰 婷婷 雪梅 晓燕 佳怡 欣怡 雨婷 思琪 梦洁 丽娟 海燕 春梅 淑芬 美玲 诗涵"
    " 雅琴 文静 慧敏 晓红 若曦 嘉欣 子涵 玉华 凤英 丽华 佩珊 语桐"
).split()
MOBILE_PREFIXES = (
    "134 135 136 137 138 139 147 150 151 152 157 158 159 178 182 183 187 188 198"
    " 130 131 132 155 156 166 175 176 185 186 133 153 173 177 180 181 189 191 199"
).split()
PLACES = "上海 杭州 南京 苏州 广州 深圳 厦门 成都 武汉 长沙 青岛 宁波".split()
BRANDS = "恒信 博远 华睿 中联 鼎盛 瑞丰 星辰 同创 天成 汇利 金桥 百川 远航 德源 宏图".split()
TRADES = "贸易 科技 投资管理 实业 建筑材料 食品 医疗器械 文化传媒 物流 服装".split()
# Districts that have existed for long: the numbers pass the strictest check for any birth year.
DISTRICTS = (
    "310101 310104 310105 310106 310109 310110 110102 110105 110108 120101 430121 510121".split()
)


def surname(random: Random) -> str:
    return random.choices(list(SURNAMES), weights=list(SURNAMES.values()))[0]


def person_name(random: Random, *, male: bool) -> str:
    return surname(random) + random.choice(MALE if male else FEMALE)


def company_name(random: Random) -> str:
    return (
        f"{random.choice(PLACES)}{random.choice(BRANDS)}{random.choice(TRADES)}"
        f"{'有限公司' if random.random() < 0.8 else '股份有限公司'}"
    )


def mobile(random: Random) -> str:
    """A mobile number in normal form (``+86…``) with a prefix in use."""
    return f"+86{random.choice(MOBILE_PREFIXES)}{random.randrange(10**8):08}"


def id_card(random: Random, *, birthday: date, male: bool) -> str:
    """An identity card number with the right check digit; the 17th digit tells the sex."""
    order = random.randrange(1, 499) * 2 + (1 if male else 0)
    body = f"{random.choice(DISTRICTS)}{birthday:%Y%m%d}{order:03}"
    return body + str(ric.calc_check_digit(body + "0"))


def credit_code(random: Random) -> str:
    """A unified social credit code with the right check digit."""
    body = f"91{random.choice(DISTRICTS)}MA{random.randrange(10**7):07}"
    return body + str(uscc.calc_check_digit(body))
