"""The branches of the demo firm: fifteen provinces, three branches in each."""

# Code of the company, Chinese and English name, and its provinces in order.
COMPANIES = [("EAST", "华东分公司", "East China"), ("SOUTH", "华南分公司", "South China")]

# Province, code, and its branches in Chinese and English; by company, the best known first.
PROVINCES = {
    "EAST": [
        ("上海市", "SH", "上海浦东 Pudong,上海徐汇 Xuhui,上海静安 Jing'an"),
        ("浙江省", "ZJ", "杭州西湖 Hangzhou,宁波海曙 Ningbo,温州鹿城 Wenzhou"),
        ("江苏省", "JS", "南京玄武 Nanjing,苏州姑苏 Suzhou,无锡梁溪 Wuxi"),
        ("山东省", "SD", "济南历下 Jinan,青岛市南 Qingdao,烟台芝罘 Yantai"),
        ("安徽省", "AH", "合肥庐阳 Hefei,芜湖镜湖 Wuhu,蚌埠蚌山 Bengbu"),
        ("北京市", "BJ", "北京西城 Beijing Xicheng,北京朝阳 Chaoyang,北京海淀 Haidian"),
        ("河北省", "HE", "石家庄长安 Shijiazhuang,唐山路北 Tangshan,保定莲池 Baoding"),
        ("辽宁省", "LN", "沈阳和平 Shenyang,大连中山 Dalian,鞍山铁东 Anshan"),
    ],
    "SOUTH": [
        ("广东省", "GD", "广州天河 Guangzhou,深圳福田 Shenzhen,佛山禅城 Foshan"),
        ("福建省", "FJ", "厦门思明 Xiamen,福州鼓楼 Fuzhou,泉州丰泽 Quanzhou"),
        ("湖南省", "HN", "长沙芙蓉 Changsha,株洲天元 Zhuzhou,衡阳蒸湘 Hengyang"),
        ("湖北省", "HB", "武汉江汉 Wuhan,宜昌西陵 Yichang,襄阳樊城 Xiangyang"),
        ("四川省", "SC", "成都锦江 Chengdu,绵阳涪城 Mianyang,德阳旌阳 Deyang"),
        ("重庆市", "CQ", "重庆渝中 Yuzhong,重庆江北 Jiangbei,重庆渝北 Yubei"),
        ("江西省", "JX", "南昌东湖 Nanchang,九江浔阳 Jiujiang,赣州章贡 Ganzhou"),
    ],
}


def branch_sites(count: int) -> list[tuple[str, str, str, str, str]]:
    """``count`` sites as company, province, code, Chinese and English name.

    First one branch of each province, the companies in turn; then the second ones; and so on.
    Where all are used, the same places have a second branch, numbered, and so on.
    """
    found = _sites()
    rounds = -(-count // len(found))
    more = [
        (company, province, f"{code}-{n}", f"{zh.removesuffix('营业部')}第{n}营业部", f"{en} {n}")
        for n in range(2, rounds + 1)
        for company, province, code, zh, en in found
    ]
    return [*found, *more][:count]


def _sites() -> list[tuple[str, str, str, str, str]]:
    sites = []
    for nth in range(3):
        for place in range(8):
            for company, provinces in PROVINCES.items():
                if place < len(provinces):
                    province, code, names = provinces[place]
                    zh, en = names.split(",")[nth].split(" ", 1)
                    sites.append((company, province, f"{code}{nth + 1:02}", f"{zh}营业部", en))
    return sites
