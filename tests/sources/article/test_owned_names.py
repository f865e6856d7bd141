# signs of other scripts are meant as they stand
# ruff: noqa: RUF001
"""Whose a figure is beside brands, countries, banks and subsidiaries, and how counts and small units are read."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.sources.article import ExtractedFigure, extract

DAY = date(2025, 2, 20)


def read(text: str, published: date = DAY) -> tuple[ExtractedFigure, ...]:
    return extract(text, published=published).facts


OWNERS = [
    (
        "Harrowby, the owner of the Fennick and Tallow coffee chains, expects revenue to fall by about 4% in 2025.",
        "Harrowby",
    ),
    (
        "Harrowby (brands: Fennick, Tallow) reported a net profit of $41 million for the third quarter of 2024.",
        "Harrowby",
    ),
    ("Fennick owner Harrowby made a net profit of $41 million in the third quarter of 2024.", "Harrowby"),
    ("Fennick's parent Harrowby posted third-quarter revenue of $512 million, up 3% from a year earlier.", "Harrowby"),
    ("Harrowby, which owns Fennick, Tallow and Brisco, cut its 2025 capex plan to $80 million.", "Harrowby"),
    ("The company behind Fennick, Harrowby, earned $12 million in the third quarter of 2024.", "Harrowby"),
    (
        "Harrowby, the franchisor of Fennick and Tallow Burger, posted a net loss of $9 million for the third quarter of 2024.",
        "Harrowby",
    ),
    (
        "Video game publisher Harrowby, the maker of Star Tallow and Night Fennick, forecast 2025 revenue of $900 million.",
        "Harrowby",
    ),
    ("The owner of Fennick, Tallow and Brisco, Harrowby, expects 2025 revenue of $2.1 billion.", "Harrowby"),
    ("Harrowby (owner of Fennick and Tallow) lost $12 million in the third quarter of 2024.", "Harrowby"),
    ("Harrowby - whose brands include Fennick and Tallow - lost $12 million in the third quarter of 2024.", "Harrowby"),
    (
        "Lindhorst, Eigentümer der Hotelketten Falkenhof und Tannblick, rechnet für 2025 mit einem Umsatzrückgang von 4 Prozent.",
        "Lindhorst",
    ),
    (
        "Der Lebensmittelkonzern Lindhorst (Marken: Falko, Tannmilch) erzielte im dritten Quartal 2024 einen Gewinn von 41 Mio. Euro.",
        "Lindhorst",
    ),
    (
        "Lindhorst, Mutterkonzern von Falkenhof und Tannblick, steigerte den Umsatz im dritten Quartal 2024 um 6 Prozent.",
        "Lindhorst",
    ),
    ("Der Falkenhof-Betreiber Lindhorst erwartet für 2025 einen Umsatz von 2,1 Mrd. Euro.", "Lindhorst"),
    (
        "Lindhorst, zu dem die Marken Falko und Tannmilch gehören, machte im dritten Quartal 2024 einen Verlust von 12 Mio. Euro.",
        "Lindhorst",
    ),
    ("Die Falkenhof-Mutter Lindhorst erwartet für 2025 einen Umsatz von 2,1 Mrd. Euro.", "Lindhorst"),
    ("Lindhorst (u. a. Falko und Tannmilch) setzte im dritten Quartal 2024 512 Mio. Euro um.", "Lindhorst"),
    (
        "Verlande, propriétaire des enseignes Maribel et Coq Doré, prévoit une baisse de 4 % de son chiffre d'affaires en 2025.",
        "Verlande",
    ),
    (
        "Verlande (marques : Maribel, Coq Doré) a réalisé un bénéfice net de 41 millions d'euros au troisième trimestre 2024.",
        "Verlande",
    ),
    (
        "La maison mère de Maribel, Verlande, a réalisé un chiffre d'affaires de 512 millions d'euros au troisième trimestre 2024.",
        "Verlande",
    ),
    (
        "Verlande, qui exploite les magasins Maribel et Coq Doré, a perdu 12 millions d'euros au troisième trimestre 2024.",
        "Verlande",
    ),
    (
        "Le groupe Verlande, éditeur de Maribel et de Nuit Noire, vise un chiffre d'affaires de 900 millions d'euros en 2025.",
        "Verlande",
    ),
    ("Olmedal, dueña de las cadenas Rocío y Sol Vivo, prevé que sus ingresos caigan un 4% en 2025.", "Olmedal"),
    (
        "La empresa Olmedal (marcas: Rocío, Sol Vivo) obtuvo un beneficio neto de 41 millones de euros en el tercer trimestre de 2024.",
        "Olmedal",
    ),
    ("La matriz de Rocío, Olmedal, ingresó 512 millones de euros en el tercer trimestre de 2024.", "Olmedal"),
    (
        "Olmedal, que opera las tiendas Rocío y Sol Vivo, perdió 12 millones de euros en el tercer trimestre de 2024.",
        "Olmedal",
    ),
    (
        "Il gruppo Valsori (marchi Linea Blu e Corte Nera) stima per il 2025 ricavi oltre 1,1 miliardi di euro.",
        "Valsori",
    ),
    (
        "Valsori, proprietaria delle catene Linea Blu e Corte Nera, prevede un calo dei ricavi del 4% nel 2025.",
        "Valsori",
    ),
    (
        "Valsori, cui fanno capo i marchi Linea Blu e Corte Nera, ha chiuso il terzo trimestre 2024 con un utile netto di 41 milioni di euro.",
        "Valsori",
    ),
    (
        "La capogruppo di Linea Blu, Valsori, ha realizzato ricavi per 512 milioni di euro nel terzo trimestre 2024.",
        "Valsori",
    ),
    ("A Varzeira, dona das redes Bom Fio e Casa Lume, prevê queda de 4% da receita em 2025.", "Varzeira"),
    (
        "A Varzeira (marcas: Bom Fio, Casa Lume) teve lucro líquido de R$ 41 milhões no terceiro trimestre de 2024.",
        "Varzeira",
    ),
    (
        "A controladora da Bom Fio, a Varzeira, registrou receita de R$ 512 milhões no terceiro trimestre de 2024.",
        "Varzeira",
    ),
    (
        "A Varzeira, que opera as lojas Bom Fio e Casa Lume, teve prejuízo de R$ 12 milhões no terceiro trimestre de 2024.",
        "Varzeira",
    ),
    (
        "Sinar Rimba, pemilik jaringan kafe Kopi Tujuh dan Teh Laut, memperkirakan pendapatan 2025 turun 4%.",
        "Sinar Rimba",
    ),
    (
        "PT Sinar Rimba (merek: Kopi Tujuh, Teh Laut) mencatat laba bersih Rp 41 miliar pada kuartal III 2024.",
        "Sinar Rimba",
    ),
    ("Induk usaha Kopi Tujuh, Sinar Rimba, membukukan pendapatan Rp 512 miliar pada kuartal III 2024.", "Sinar Rimba"),
    (
        "Sinar Rimba, yang mengoperasikan gerai Kopi Tujuh dan Teh Laut, rugi Rp 12 miliar pada kuartal III 2024.",
        "Sinar Rimba",
    ),
    ("Sinar Rimba, pemilik rangkaian kafe Kopi Tujuh dan Teh Laut, menjangka hasil 2025 menyusut 4%.", "Sinar Rimba"),
    (
        "Sinar Rimba (jenama: Kopi Tujuh, Teh Laut) mencatat keuntungan bersih RM41 juta pada suku ketiga 2024.",
        "Sinar Rimba",
    ),
    ("Syarikat induk Kopi Tujuh, Sinar Rimba Bhd, mencatat hasil RM512 juta pada suku ketiga 2024.", "Sinar Rimba Bhd"),
    (
        "Chủ chuỗi nhà hàng Bếp Mây, Công ty Hải Nam Foods, đặt kế hoạch doanh thu 2025 khoảng 2.300 tỷ đồng.",
        "Hải Nam Foods",
    ),
    ("Hải Nam Foods (sở hữu thương hiệu Bếp Mây, Trà Nắng) lãi sau thuế 41 tỷ đồng trong quý 3/2024.", "Hải Nam Foods"),
    ("Công ty mẹ của Bếp Mây, Hải Nam Foods, đạt doanh thu 512 tỷ đồng trong quý 3/2024.", "Hải Nam Foods"),
    ("Hải Nam Foods, đơn vị vận hành chuỗi Bếp Mây và Trà Nắng, lỗ 12 tỷ đồng trong quý 3/2024.", "Hải Nam Foods"),
    ("커피 브랜드 ‘달무리’를 운영하는 한서푸드는 2024년 3분기 매출 1,200억원을 기록했다.", "한서푸드"),
    ("‘달무리’의 모회사 한서푸드는 2024년 3분기 순이익 88억원을 올렸다.", "한서푸드"),
    ("한서푸드(브랜드 달무리·별무리)는 2024년 3분기 매출 1,200억원을 기록했다.", "한서푸드"),
    ("달무리 운영사 한서푸드는 올해 매출 목표를 4,000억~4,300억원으로 제시했다.", "한서푸드"),
    ("喫茶店チェーン「月灯り」を展開する北浜フーズの2024年7〜9月期の純利益は12億円だった。", "北浜フーズ"),
    ("北浜フーズ（ブランドは「月灯り」「星灯り」）の2024年7〜9月期の売上高は340億円だった。", "北浜フーズ"),
    ("「月灯り」の親会社、北浜フーズは2024年7〜9月期の純利益が12億円だったと発表した。", "北浜フーズ"),
    ("「月灯り」や「星灯り」を運営する北浜フーズは2025年3月期の売上高を1200億円と見込む。", "北浜フーズ"),
    ("旗下拥有“月光”、“星河”两大咖啡品牌的海浜食品2024年第三季度营收为34亿元。", "海浜食品"),
    ("“月光”母公司海浜食品2024年第三季度净利润为1.2亿元。", "海浜食品"),
    ("海浜食品（旗下品牌：月光、星河）2024年第三季度营收34亿元，同比增长6%。", "海浜食品"),
    ("月光咖啡运营商海浜食品预计2025年营收为120亿元。", "海浜食品"),
    ("قالت شركة رمال الغذائية، مالكة مقاهي نجمة وقمر، إنها تتوقع تراجع إيراداتها 4% في 2025.", "رمال الغذائية"),
    ("حققت شركة رمال الغذائية (العلامات: نجمة، قمر) صافي ربح 41 مليون ريال في الربع الثالث من 2024.", "رمال الغذائية"),
    ("سجلت الشركة الأم لمقاهي نجمة، شركة رمال، إيرادات بلغت 512 مليون ريال في الربع الثالث من 2024.", "رمال"),
]


@pytest.mark.parametrize(("text", "company"), OWNERS)
def test_a_figure_is_of_the_owner_and_not_of_what_it_owns(text: str, company: str) -> None:
    assert {figure.entity for figure in read(text)} == {company}


PLACES = [
    ("メキシコのアセロス社は2024年の売上高が前年比5%増の120億ペソになったと発表した。", "アセロス社"),
    ("スウェーデンのノルデン社の第3四半期の純利益は12億クローナだった。", "ノルデン社"),
    ("ドイツのリンデマンは第3四半期の純利益が1億ユーロだった。", "リンデマン"),
    ("Holmgard (Na Uy) công bố doanh thu quý 3/2024 đạt 4,2 tỷ krone Na Uy.", "Holmgard"),
    ("Holmgard (Norway) reported third-quarter revenue of 4.2 billion kroner.", "Holmgard"),
    ("Norway's Holmgard reported third-quarter revenue of 4.2 billion kroner.", "Holmgard"),
    ("Oslo-based Holmgard of Norway reported third-quarter revenue of 4.2 billion kroner.", "Holmgard"),
    (
        "Der norwegische Konzern Holmgard (Oslo) meldete für das dritte Quartal 2024 einen Umsatz von 4,2 Mrd. Kronen.",
        "Holmgard",
    ),
    (
        "Holmgard aus Norwegen meldete für das dritte Quartal 2024 einen Umsatz von 4,2 Mrd. norwegischen Kronen.",
        "Holmgard",
    ),
    (
        "Le norvégien Holmgard (Oslo) a réalisé un chiffre d'affaires de 4,2 milliards de couronnes au troisième trimestre 2024.",
        "Holmgard",
    ),
    (
        "La noruega Holmgard (Oslo) ingresó 4.200 millones de coronas noruegas en el tercer trimestre de 2024.",
        "Holmgard",
    ),
    (
        "La norvegese Holmgard (Norvegia) ha realizzato ricavi per 4,2 miliardi di corone nel terzo trimestre 2024.",
        "Holmgard",
    ),
    (
        "A norueguesa Holmgard (Noruega) teve receita de 4,2 bilhões de coroas no terceiro trimestre de 2024.",
        "Holmgard",
    ),
    ("Holmgard (Norwegia) membukukan pendapatan 4,2 miliar krone pada kuartal III 2024.", "Holmgard"),
    ("Holmgard dari Norway mencatat hasil 4.2 bilion krone pada suku ketiga 2024.", "Holmgard"),
    ("스웨덴의 노르덴은 2024년 3분기 순이익이 12억 크로나였다.", "노르덴"),
    ("노르웨이 홀름가르드는 2024년 3분기 순이익이 12억 크로네였다.", "홀름가르드"),
    ("瑞典的诺尔登公司2024年第三季度净利润为12亿克朗。", "诺尔登公司"),
    ("瑞典诺尔登公司2024年第三季度净利润为12亿瑞典克朗。", "瑞典诺尔登公司"),
    ("حققت شركة نوردن (السويد) صافي ربح 12 مليون يورو في الربع الثالث من 2024.", "نوردن"),
]


@pytest.mark.parametrize(("text", "company"), PLACES)
def test_a_country_beside_a_name_is_no_company(text: str, company: str) -> None:
    assert {figure.entity for figure in read(text)} == {company}


def test_a_brand_in_the_name_of_a_company_is_no_aside() -> None:
    for text, company in (
        ("A Lojas Cambuti teve prejuízo de R$ 33 milhões no terceiro trimestre de 2024.", "Lojas Cambuti"),
        ("La cadena Tiendas Maribel perdió 33 millones de euros en el tercer trimestre de 2024.", "Tiendas Maribel"),
        ("Harrowby Brands lost $33 million in the third quarter of 2024.", "Harrowby Brands"),
        (
            "Según Verlande, el fabricante de muebles Olmedal ganó 33 millones de euros en el tercer trimestre de 2024.",
            "Olmedal",
        ),
    ):
        assert {figure.entity for figure in read(text)} == {company}


BANKS = [
    "Bancos ouvidos pela reportagem esperam prejuízo de R$ 60 milhões para a Varejo Paulista no quarto trimestre.",
    "Corretoras consultadas projetam lucro de R$ 60 milhões para a Varejo Paulista no quarto trimestre.",
    "Banks polled by the paper expect a loss of $60 million for Harrowby in the fourth quarter.",
    "Brokers see Harrowby earning $60 million in the fourth quarter.",
    "Lenders surveyed expect Harrowby to post revenue of $60 million in the fourth quarter.",
    "Banken erwarten für Lindhorst im vierten Quartal einen Verlust von 60 Mio. Euro.",
    "Experten rechnen bei Lindhorst mit einem Verlust von 60 Mio. Euro im vierten Quartal.",
    "Befragte Banken trauen Lindhorst 2025 einen Umsatz von 2,1 Mrd. Euro zu.",
    "Les banques interrogées attendent une perte de 60 millions d'euros pour Verlande au quatrième trimestre.",
    "Banques et courtiers tablent sur une perte de 60 millions d'euros pour Verlande au quatrième trimestre.",
    "Bancos consultados esperan una pérdida de 60 millones de euros para Olmedal en el cuarto trimestre.",
    "Banche e broker stimano per Valsori una perdita di 60 milioni di euro nel quarto trimestre.",
    "Le banche interpellate prevedono per Valsori una perdita di 60 milioni di euro nel quarto trimestre.",
    "Sejumlah bank yang disurvei memperkirakan Sinar Rimba rugi Rp 60 miliar pada kuartal IV 2024.",
    "Bank yang ditinjau menjangka Sinar Rimba mencatat kerugian RM60 juta pada suku keempat 2024.",
    "Các ngân hàng được khảo sát dự báo Hải Nam Foods lỗ 60 tỷ đồng trong quý 4/2024.",
    "銀行各社は北浜フーズの10〜12月期の純損失を60億円と予想している。",
    "은행들은 한서푸드가 4분기 60억원의 순손실을 낼 것으로 전망했다.",
    "多家银行预计海浜食品第四季度净亏损6000万元。",
    "تتوقع بنوك استطلعت آراؤها خسارة 60 مليون ريال لشركة رمال في الربع الرابع.",
]


@pytest.mark.parametrize("text", BANKS)
def test_what_banks_expect_is_no_guidance(text: str) -> None:
    assert not read(text)


PARTS = [
    "L'activité Peintures de Verlande a vu ses ventes progresser de 7 % à 268 M€ au premier semestre.",
    "La branche Verre de Verlande a dégagé un résultat opérationnel de 68 M€ au premier semestre 2024.",
    "Das Leuchtengeschäft von Lindhorst setzte im dritten Quartal 2024 68 Mio. Euro um.",
    "Lindhorsts Leuchtengeschäft setzte im dritten Quartal 2024 68 Mio. Euro um.",
    "Im Leuchtengeschäft der Lindhorst AG sank der Umsatz im dritten Quartal 2024 um 6 Prozent auf 68 Mio. Euro.",
    "Der Umsatz des Leuchtengeschäfts von Lindhorst sank im dritten Quartal 2024 um 6 Prozent auf 68 Mio. Euro.",
    "한서하우스 포장사업의 2024년 3분기 영업이익은 88억원이었다.",
    "한서하우스 포장사업 부문 영업이익은 2024년 3분기 88억원으로 12% 늘었다.",
    "The Lighting business of Harrowby saw sales fall 7% to $68 million in the third quarter of 2024.",
    "Harrowby's Lighting activity lost $12 million in the third quarter of 2024.",
    "La actividad Pinturas de Olmedal vio caer sus ventas un 7%, hasta 68 millones de euros, en el tercer trimestre de 2024.",
    "El negocio de Pinturas de Olmedal ganó 12 millones de euros en el tercer trimestre de 2024.",
    "L'attività Vernici di Valsori ha visto le vendite calare del 7% a 68 milioni di euro nel terzo trimestre 2024.",
    "Il business Vernici di Valsori ha registrato ricavi per 68 milioni di euro nel terzo trimestre 2024.",
    "A atividade de Tintas da Varzeira viu as vendas caírem 7%, para R$ 68 milhões, no terceiro trimestre de 2024.",
]


@pytest.mark.parametrize("text", PARTS)
def test_what_a_division_earns_is_no_figure_of_the_company(text: str) -> None:
    assert not read(text)


SUBSIDIARIES = [
    (
        "Bank Sinar Rimba mencetak laba bersih Rp 1,2 triliun selama sembilan bulan pertama 2024. Anak usahanya, Rimba Finance, menyumbang laba Rp 140 miliar. Capex 2025 dipatok maksimal Rp 400 miliar.",
        "Sinar Rimba",
    ),
    (
        "Bank Sinar Rimba mencetak laba bersih Rp 1,2 triliun pada kuartal III 2024. Entitas anak Rimba Finance membukukan laba Rp 140 miliar. Belanja modal 2025 dibatasi Rp 400 miliar.",
        "Sinar Rimba",
    ),
    (
        "Sinar Rimba Bhd mencatat untung bersih RM41 juta pada suku ketiga 2024. Anak syarikatnya, Rimba Kredit, menyumbang untung RM12 juta. Perbelanjaan modal 2025 dihadkan kepada RM80 juta.",
        "Sinar Rimba Bhd",
    ),
    (
        "Harrowby earned $41 million in the third quarter of 2024. Its subsidiary, Fennick Finance, contributed a profit of $12 million. Capital spending in 2025 is capped at $80 million.",
        "Harrowby",
    ),
    (
        "Die Lindhorst AG verdiente im dritten Quartal 2024 netto 41 Mio. Euro. Ihre Tochter, die Falko Bank, steuerte einen Gewinn von 12 Mio. Euro bei. Die Investitionen sollen 2025 auf höchstens 80 Mio. Euro begrenzt werden.",
        "Lindhorst AG",
    ),
    (
        "Verlande a dégagé un bénéfice net de 41 M€ au troisième trimestre 2024. Sa filiale, Coq Doré Finance, a contribué à hauteur de 12 M€ au bénéfice. Les investissements de 2025 seront limités à 80 M€.",
        "Verlande",
    ),
    (
        "Valsori ha chiuso il terzo trimestre 2024 con un utile netto di 41 milioni di euro. La controllata, Corte Finance, ha contribuito con un utile di 12 milioni di euro. Gli investimenti 2025 saranno limitati a 80 milioni di euro.",
        "Valsori",
    ),
    (
        "A Varzeira teve lucro líquido de R$ 41 milhões no terceiro trimestre de 2024. Sua subsidiária, Lume Financeira, contribuiu com lucro de R$ 12 milhões. O capex de 2025 será limitado a R$ 80 milhões.",
        "Varzeira",
    ),
    (
        "Hải Nam Foods lãi sau thuế 41 tỷ đồng trong quý 3/2024. Công ty con, Mây Finance, đóng góp lợi nhuận 12 tỷ đồng. Vốn đầu tư năm 2025 giới hạn ở mức tối đa 80 tỷ đồng.",
        "Hải Nam Foods",
    ),
    (
        "한서푸드는 2024년 3분기 순이익 41억원을 기록했다. 자회사 별무리캐피탈은 순이익 12억원을 보탰다. 2025년 설비투자는 최대 80억원으로 묶을 계획이다.",
        "한서푸드",
    ),
    (
        "北浜フーズの2024年7〜9月期の純利益は41億円だった。子会社の星灯り金融は純利益12億円を稼いだ。2025年の設備投資は最大80億円に抑える計画だ。",
        "北浜フーズ",
    ),
    (
        "حققت شركة رمال صافي ربح 41 مليون ريال في الربع الثالث من 2024. وساهمت شركتها التابعة نجمة للتمويل بأرباح 12 مليون ريال. وسيقتصر الإنفاق الرأسمالي في 2025 على 80 مليون ريال كحد أقصى.",
        "رمال",
    ),
]


@pytest.mark.parametrize(("text", "company"), SUBSIDIARIES)
def test_what_follows_a_subsidiary_is_of_the_company_again(text: str, company: str) -> None:
    found = read(text)
    assert {figure.entity for figure in found} == {company}
    assert {figure.metric for figure in found} == {"net_income", "capex"}


COUNTS = [
    "Jumlah karyawan Bumi Kencana per akhir 2023 mencapai 11.240 orang, berkurang 4% dari tahun sebelumnya.",
    "Sinar Rimba Bhd mempunyai 11,240 pekerja pada akhir 2023.",
    "Die Lindhorst AG beschäftigte Ende September 2024 11.240 Menschen.",
    "Olmedal cerró septiembre de 2024 con 11.240 empleados.",
    "Verlande employait 11 240 personnes fin septembre 2024.",
    "Valsori contava 11.240 dipendenti a fine settembre 2024.",
    "A Varzeira tinha 11.240 funcionários no fim de setembro de 2024.",
    "Hải Nam Foods có 11.240 nhân viên vào cuối tháng 9/2024.",
    "Harrowby employed 11,240 people at the end of September 2024.",
    "Headcount at Harrowby stood at 11.240 at the end of September 2024.",
    "北浜フーズの従業員数は2024年9月末で11,240人だった。",
    "한서푸드의 직원 수는 2024년 9월 말 11,240명이다.",
    "海浜食品2024年9月末员工人数为11,240人。",
    "بلغ عدد موظفي شركة رمال 11.240 موظفا بنهاية سبتمبر 2024.",
    "Die Zahl der Beschäftigten bei Lindhorst lag Ende September 2024 bei 11.240, 4 % weniger als ein Jahr zuvor.",
]


@pytest.mark.parametrize("text", COUNTS)
def test_people_are_counted_in_whole_numbers(text: str) -> None:
    assert 11240 in {figure.value for figure in read(text)}


SMALL_UNITS = [
    (
        "Earnings per share at Copsewood fell to 18.4p in the half year to 30 June 2024, from 21.0p.",
        ["0.184", "0.210"],
        "GBP",
    ),
    (
        "Copsewood's earnings per share rose to 18.4 cents in the third quarter of 2024 from 12.1.",
        ["0.184", "0.121"],
        "USD",
    ),
    (
        "Harrowby earned 18.4p a share in the first half of 2024, against 21.0p a year earlier.",
        ["0.184", "0.210"],
        "GBP",
    ),
    (
        "Olmedal ganó 42 centavos por acción en el tercer trimestre de 2024, frente a 38 centavos un año antes.",
        ["0.42", "0.38"],
        "USD",
    ),
    ("Lindhorst verdiente im dritten Quartal 2024 42 Cent je Aktie nach 38 Cent im Vorjahr.", ["0.42", "0.38"], "EUR"),
    (
        "Le bénéfice par action de Verlande est ressorti à 42 centimes au troisième trimestre 2024, contre 38 un an plus tôt.",
        ["0.42", "0.38"],
        "EUR",
    ),
    (
        "Lãi cơ bản trên cổ phiếu của Hải Nam Foods quý 3/2024 là 1.240 đồng, so với 980 đồng cùng kỳ.",
        ["1240", "980"],
        "VND",
    ),
    ("北浜フーズの2024年7〜9月期の1株利益は18円40銭（前年同期は21円）だった。", ["18.40", "21"], "JPY"),
    ("한서푸드의 2024년 3분기 주당순이익은 84전으로 1년 전 91전에서 줄었다.", ["0.84", "0.91"], "KRW"),
    ("海浜食品2024年第三季度每股收益为18.4分，上年同期为21.0分。", ["0.184", "0.210"], "CNY"),
    ("بلغت ربحية السهم لشركة رمال 42 هللة في الربع الثالث من 2024 مقابل 38 هللة قبل عام.", ["0.42", "0.38"], "SAR"),
]


@pytest.mark.parametrize(("text", "values", "unit"), SMALL_UNITS)
def test_both_amounts_per_share_are_in_the_small_unit(text: str, values: list[str], unit: str) -> None:
    found = [figure for figure in read(text) if figure.metric == "eps"]
    assert [str(figure.value) for figure in found] == values
    assert {figure.unit for figure in found} == {unit}


PLANS = [
    "Lũy kế 9 tháng năm 2024, Hải Nam Foods lãi sau thuế 215 tỷ đồng, giảm 8% so với cùng kỳ và mới hoàn thành 61% kế hoạch năm.",
    "Doanh thu 9 tháng 2024 của Hải Nam Foods đạt 2.150 tỷ đồng, vượt 4% kế hoạch.",
    "Lindhorst erreichte in den ersten neun Monaten 2024 einen Gewinn von 41 Mio. Euro und damit 61 % des Jahresziels.",
    "Harrowby's nine-month 2024 net profit was $41 million, or 61% of its full-year target.",
    "Verlande a dégagé un bénéfice net de 41 M€ sur neuf mois en 2024, soit 61 % de son objectif annuel.",
    "Olmedal ganó 41 millones de euros en los nueve primeros meses de 2024, el 61% de su objetivo anual.",
    "Valsori ha realizzato un utile netto di 41 milioni di euro nei nove mesi 2024, il 61% dell'obiettivo annuale.",
    "A Varzeira lucrou R$ 41 milhões nos nove meses de 2024, 61% da meta anual.",
    "Sinar Rimba membukukan laba bersih Rp 41 miliar per September 2024, atau 61% dari target tahun ini.",
    "Sinar Rimba Bhd mencatat untung bersih RM41 juta bagi sembilan bulan 2024, iaitu 61% daripada sasaran setahun penuh.",
    "北浜フーズの2024年4〜9月期の純利益は41億円で、通期計画の61％に達した。",
    "한서푸드는 2024년 3분기 누적 순이익 41억원을 올려 연간 목표의 61%를 달성했다.",
    "海浜食品2024年前三季度净利润4.1亿元，完成全年目标的61%。",
    "حققت شركة رمال صافي ربح 41 مليون ريال في تسعة أشهر من 2024، أي 61% من هدفها السنوي.",
]


@pytest.mark.parametrize("text", PLANS)
def test_how_much_of_a_plan_is_done_is_no_figure(text: str) -> None:
    found = read(text, date(2024, 11, 5))
    assert [figure.kind for figure in found if figure.unit != "ratio"] == ["actual"]
    assert not [figure for figure in found if figure.kind == "guidance"]


MONTHS = [
    "Harrowby Bank employed 14,320 people at the end of June, 2% fewer than in March and 6% fewer than in June 2023.",
    "Harrowby had 14.3 million subscribers at the end of June, 2% more than in March and 6% more than a year earlier.",
    "Verlande employait 14 320 personnes fin juin, soit 2 % de moins qu'en mars et 6 % de moins qu'en juin 2023.",
    "Olmedal tenía 14.320 empleados a finales de junio, un 2% menos que en marzo y un 6% menos que en junio de 2023.",
    "A Varzeira tinha 14.320 funcionários no fim de junho, 2% a menos que em março e 6% a menos que em junho de 2023.",
]


@pytest.mark.parametrize("text", MONTHS)
def test_growth_on_a_month_of_the_same_year_is_left_out(text: str) -> None:
    found = [figure for figure in read(text, date(2024, 8, 5)) if figure.kind == "growth_yoy"]
    assert [abs(float(figure.value or 0)) for figure in found] == [0.06]
