# signs of other scripts are meant as they stand
# ruff: noqa: RUF001
"""What is no company: the place of a dateline, a word for a release, a word for minus, a part of a company."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.sources.article import extract

DAY = date(2025, 8, 14)


def companies(text: str) -> set[str]:
    return {figure.entity for figure in extract(text, published=DAY).facts}


def metrics(text: str) -> set[str | None]:
    return {figure.metric for figure in extract(text, published=DAY).facts}


# Places and releases ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "Ribatex",
            "PORTO – A têxtil Ribatex lucrou 9 milhões de euros no primeiro semestre de 2025. As vendas subiram 2% para 88 milhões de euros.",
        ),
        (
            "Glovita",
            "IPOH - Pengeluar sarung tangan Glovita mencatat hasil RM320 juta pada suku kedua 2025. Keuntungan bersih susut kepada RM41 juta.",
        ),
        (
            "Atlasim",
            "Casablanca – Le cimentier Atlasim a réalisé un chiffre d'affaires de 1,2 milliard de dirhams au premier semestre 2025. Le résultat net a reculé de 5 % à 180 millions de dirhams.",
        ),
        (
            "Andicem",
            "BOGOTÁ - La cementera Andicem ganó 45.000 millones de pesos en el primer semestre de 2025. Los ingresos subieron 4% a 600.000 millones de pesos.",
        ),
        (
            "Boralis",
            "Boralis réduit sa perte\nMONTRÉAL - Le transporteur a essuyé une perte nette de 12 millions de dollars canadiens au deuxième trimestre 2025. Ses revenus ont atteint 410 millions de dollars canadiens.",
        ),
        (
            "Donauwerk",
            "Donauwerk steigert Umsatz\nWien – Im zweiten Quartal 2025 hat das Unternehmen einen Umsatz von 310 Mio. Euro erzielt. Der Nettogewinn sank auf 12 Mio. Euro.",
        ),
        (
            "Boralis",
            "Boralis – Les ventes ont progressé de 3 % à 140 millions d'euros au deuxième trimestre 2025. Le bénéfice net a atteint 12 millions d'euros.",
        ),
        ("HEXALIS", "HEXALIS - Chiffre d'affaires du deuxième trimestre 2025 : 140 millions d'euros (+3 %)."),
        (
            "Donauwerk",
            "Donauwerk: Der Umsatz stieg im zweiten Quartal 2025 auf 310 Mio. Euro. Der Nettogewinn sank auf 12 Mio. Euro.",
        ),
        (
            "Hexalis SA",
            "Hexalis SA – Le groupe Lumaria a cédé ses parts. Le chiffre d'affaires d'Hexalis SA a atteint 140 millions d'euros au deuxième trimestre 2025.",
        ),
        (
            "Donauwerk",
            "Pressemitteilung: Donauwerk legt Zahlen für das zweite Quartal 2025 vor\n- Umsatz: 310 Mio. Euro (+4 %)\n- Nettogewinn: 12 Mio. Euro",
        ),
        (
            "Andicem",
            "Comunicado de prensa: Andicem presenta resultados del primer semestre de 2025\n- Ingresos: 600 millones de euros (+4%)\n- Beneficio neto: 45 millones de euros",
        ),
        (
            "Ribatex",
            "Comunicado de imprensa: Ribatex divulga resultados do primeiro semestre de 2025\n- Receitas: 88 milhões de euros (+2%)\n- Lucro líquido: 9 milhões de euros",
        ),
        (
            "Valmeccanica",
            "Comunicato stampa: Valmeccanica approva i risultati del primo semestre 2025\n- Ricavi: 210 milioni di euro (+4%)\n- Utile netto: 14 milioni di euro",
        ),
        (
            "Lautan Makmur",
            "Siaran Pers: Lautan Makmur umumkan kinerja semester I 2025\n- Pendapatan: Rp4,2 triliun (naik 3%)\n- Laba bersih: Rp310 miliar",
        ),
        (
            "Glovita",
            "Siaran Media: Glovita umum keputusan suku kedua 2025\n- Hasil: RM320 juta (naik 3%)\n- Keuntungan bersih: RM41 juta",
        ),
        (
            "Dược Thanh Bình",
            "Thông cáo báo chí: Dược Thanh Bình công bố kết quả kinh doanh quý II/2025\n- Doanh thu: 820 tỷ đồng\n- Lợi nhuận sau thuế: 64 tỷ đồng",
        ),
        (
            "سهول للأغذية",
            "بيان صحفي: سهول للأغذية تعلن نتائج الربع الثاني من 2025\n- الإيرادات: 640 مليون ريال\n- صافي الربح: 58 مليون ريال",
        ),
        (
            "سهول للأغذية",
            "بيان إعلامي: شركة سهول للأغذية تعلن نتائج الربع الثاني من 2025\n- الإيرادات: 640 مليون ريال\n- صافي الربح: 58 مليون ريال",
        ),
        (
            "花蔵化成",
            "プレスリリース：花蔵化成、2025年4〜6月期決算を発表\n・売上高：412億円（前年同期比6%増）\n・純利益：31億円",
        ),
        ("한빛제약", "보도자료: 한빛제약, 2025년 2분기 실적 발표\n- 매출액: 1,240억원\n- 영업이익: 95억원"),
        ("华澜医药", "新闻稿：华澜医药公布2025年第二季度业绩\n- 营业收入：12.4亿元\n- 净利润：1.1亿元"),
        ("華瀾醫藥", "新聞稿：華瀾醫藥公佈2025年第二季度業績\n- 營業收入：12.4億元\n- 淨利潤：1.1億元"),
        (
            "Kalgara Mining",
            "Press release: Kalgara Mining reports second-quarter 2025 results\n- Revenue: $412 million, up 6% on the year\n- Net profit: $31 million",
        ),
        (
            "Houblonnier",
            "Communiqué de presse : Houblonnier publie ses résultats du deuxième trimestre 2025\n- Chiffre d'affaires : 140 M€ (+3 %)\n- Résultat net : 12 M€",
        ),
        (
            "Kalgara Mining",
            "Kalgara Mining said in a press release: revenue rose to $412 million in the second quarter of 2025.",
        ),
        (
            "Comunicato Energia",
            "Comunicato Energia ha registrato ricavi per 210 milioni di euro nel secondo trimestre 2025.",
        ),
        ("ためぞう", "家計簿アプリの「ためぞう」は12日、6月末時点の月間利用者数が約120万人になったと発表した。"),
        ("花蔵化成", "花蔵化成の「つやつや」は2025年4〜6月期の売上高が31億円だった。"),
        ("한입배달", "음식배달 업체 '한입배달'은 6월 말 월간 이용자가 약 120만 명이라고 밝혔다."),
        ("饭多多", "外卖平台“饭多多”表示，2025年第二季度营收为12亿元。"),
        ("한빛제강", "한빛제강은 2025년 2분기 매출 880억원을 기록했다. 잉여현금흐름은 마이너스 31억원이었다."),
        (
            "سهول للأغذية",
            "بلغت إيرادات شركة سهول للأغذية 640 مليون ريال في الربع الثاني من 2025. وبلغ التدفق النقدي الحر سالب 22 مليون ريال.",
        ),
        ("한빛제약", "한빛제약, 2025년 2분기 실적 발표\n- 매출액: 1,240억원\n- 영업이익: 95억원"),
        ("سهول للأغذية", "أبرز نتائج سهول للأغذية لعام 2024\nصافي الربح: 87 مليون ريال (+4%)"),
        (
            "Kalgara Point Mining",
            '"We are done," said Dana Orr, chief executive of Kalgara Point Mining, which plans to spend $50 million on capital expenditure in 2026.',
        ),
        (
            "Banque de Savoie",
            "La Banque de Savoie a réalisé un produit net bancaire de 50 millions d'euros au deuxième trimestre 2025. Son bénéfice net atteint 5 millions d'euros.",
        ),
        (
            "سهول للأغذية",
            "بلغت إيرادات شركة سهول للأغذية 640 مليون ريال في الربع الثاني من 2025، مقابل المبلغ المعلن قبل عام، وبلغ عدد الموظفين 1,900 موظف.",
        ),
    ],
)
def test_the_company_is_named_and_nothing_else(name: str, text: str) -> None:
    assert companies(text) == {name}


@pytest.mark.parametrize(
    "text",
    [
        "北斗製鋼の自動車用鋼板事業は、2025年4〜6月期の売上高が前年同期比7%増の880億円だった。",
        "北斗製鋼の建材事業部門が、2025年4〜6月期の営業利益を31億円に伸ばした。",
        "한빛제강의 자동차강판 사업부는 2025년 2분기 매출이 전년 동기 대비 7% 증가한 880억원을 기록했다.",
        "한빛제강의 건자재 부문은 2025년 2분기에 매출 880억원, 영업이익 31억원을 올렸다.",
        "The cement unit of Kalgara Mining had revenue of $50 million and operating profit of $5 million in the second quarter of 2025.",
        "Die Sparte Zement von Donauwerk erzielte im zweiten Quartal 2025 einen Umsatz von 50 Mio. Euro und einen Betriebsgewinn von 5 Mio. Euro.",
        "北方钢铁的汽车板业务2025年第二季度营收为88亿元，营业利润为3亿元。",
        "北斗製鋼の鋼板事業は、2025年4〜6月期の売上高が880億円、営業利益が31億円だった。",
        "نتائج مالية قوية لعام 2024\nصافي الربح: 87 مليون ريال (+4%)",
        "أبرز نتائج الربع الأول المخصص للمساهمين\nصافي الربح: 87 مليون ريال (+4%)",
        "국내 대형 업체 점유율은 30%였고 2025년 2분기 매출은 880억원이었다.",
    ],
)
def test_a_part_of_a_company_or_an_ordinary_word_has_no_figures(text: str) -> None:
    assert not extract(text, published=DAY).facts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (
            412000000,
            "Kalgara Mining second quarter 2025\n• Revenue: $412 million\n• The cement segment contributed revenue of $50 million\n• Net profit: $31 million",
        ),
        (
            310000000,
            "Donauwerk, zweites Quartal 2025\n- Umsatz: 310 Mio. Euro\n- Die Sparte Zement erzielte einen Umsatz von 50 Mio. Euro\n- Nettogewinn: 12 Mio. Euro",
        ),
        (
            140000000,
            "Hexalis, deuxième trimestre 2025\n- Chiffre d'affaires : 140 M€\n- La branche Ciment a réalisé un chiffre d'affaires de 50 M€\n- Résultat net : 12 M€",
        ),
        (
            210000000,
            "Valmeccanica, secondo trimestre 2025\n- Ricavi: 210 milioni di euro\n- La divisione cemento ha registrato ricavi per 50 milioni di euro",
        ),
        (
            4200000000000,
            "Lautan Makmur, kuartal II 2025\n- Pendapatan: Rp4,2 triliun\n- Segmen semen menyumbang pendapatan Rp1 triliun",
        ),
        (
            640000000,
            "نتائج شركة سهول للربع الثاني من 2025\n- الإيرادات: 640 مليون ريال\n- حقق قطاع الأسمنت إيرادات قدرها 50 مليون ريال\n- صافي الربح: 58 مليون ريال",
        ),
        (88000000000, "北斗製鋼の2025年4〜6月期の売上高は880億円だった。自動車向け事業は好調だった。"),
        (88000000000, "자동차강판 부문은 7% 성장했고, 한빛제강은 2025년 2분기 매출 880억원, 영업이익 31억원을 올렸다."),
    ],
)
def test_the_whole_keeps_its_sales_beside_those_of_a_part(value: int, text: str) -> None:
    found = extract(text, published=DAY).facts
    assert {figure.value for figure in found if figure.metric == "revenue"} == {value}


# Words of metrics and currencies ---------------------------------------------------------------------------------


def test_a_canadian_dollar_is_no_metric() -> None:
    text = "Au deuxième trimestre 2025, Laurentides Bois a dégagé un bénéfice net de 48,7 M$ CA."
    (figure,) = extract(text, published=DAY).facts
    assert (figure.metric, figure.unit) == ("net_income", "CAD")
    assert metrics("Hexalis a publié un CA de 512 M€ au deuxième trimestre 2025.") == {"revenue"}


def test_total_costs_of_a_chinese_text_in_traditional_signs() -> None:
    assert metrics("嘉泰控股2025年上半年總開支為19.7億港元。") == {"total_costs"}


@pytest.mark.parametrize(
    "text",
    [
        "Für Forschung und Entwicklung gab Donauwerk im zweiten Quartal 2025 rund 12 Mio. Euro aus, 8 % mehr als ein Jahr zuvor und 14 % der Erlöse.",
        "Kalgara Mining spent $12 million on research and development in the second quarter of 2025, up 8% on the year and 14% of revenue.",
        "Hexalis a consacré 12 millions d'euros à la recherche et développement au deuxième trimestre 2025, soit 8 % de plus qu'un an plus tôt et 14 % du chiffre d'affaires.",
    ],
)
def test_a_share_of_sales_behind_and_is_no_growth(text: str) -> None:
    assert metrics(text) == {"r_and_d"}
