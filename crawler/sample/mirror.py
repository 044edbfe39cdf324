"""How a mirror garbles a page: Traditional characters, some followed by their pinyin in brackets.

The habits are those of real mirrors: conversion character by character (后, 里, 制 and the like stay), a fixed set
of annotated characters, one lower-case syllable with its tone mark. The table covers the characters of this
package's texts; others stay as they are, as they do on real mirrors.
"""

_SIMPLIFIED = (
    "万与专业东两严个临为举么义习乡书买争亚产亩亿仅从仓们价众优会传伤体债倾偿储儿兑兰关兴养内册写农冲决况"
    "冻净准凉减几凭击凿划则刚创别剂办务动励劳势匀区医协单卖卫却厂厅历压县参双发变台叶号吨听启员咨响喷嘱团"
    "园围国图场坏块坚坛声处备复够头夹奖学宁实审对寻导寿将尘尽层届属岁岗岭币师带帮广庆库应废开异张强归当录"
    "径态总恼惊愿战户扩扫扬扰抢护报担拣择挂挡挤挥损捡换据搅摄摆摊数断无旧时显术机杂权条来极构枪标栏样档桥"
    "桩检楼槛欢欧气没泽浆测济涂涨渗温游湾湿满滤滩灯炉点炼烁烟烦热独狭献环现瑶电疗盖盘矿码础硕确离种积称税"
    "稳竞笔笼筛筹签简篮类粤紧红约级纪纯纳纵纸纺线练组细织终绍经结绕给络绝统继绩续综绿缓编缝缩网罗职联肃肿"
    "脑脱腌腾艺节苇苏苹荆荐药获营补衬袭装见观规视览触计订认让训议讯记许论设访证评诊试诚询该语误说请诺读课"
    "谁调谈谋谢谨谭谱贝负贡财责账货质贫购贯贴贵贷贸费赁资赛赣赶车轨转轮轴轻载较辆辑输达迁过运还这进远违连"
    "迟迹适选逻遗遥释针钟钢钥钩钻铁铣铲银铸铺链销锂锅错锚锤键锻镀镇镜长门闪闭问闲间闻阀队阳阴阶际陆陇险随"
    "难静韩顶项顺须预领频颗题额风飞饰马驱驶驻驾验骤骥鲜鸟黄齐齿龄"
)
_TRADITIONAL = (
    "萬與專業東兩嚴個臨為舉麼義習鄉書買爭亞產畝億僅從倉們價眾優會傳傷體債傾償儲兒兌蘭關興養內冊寫農衝決況"
    "凍淨準涼減幾憑擊鑿劃則剛創別劑辦務動勵勞勢勻區醫協單賣衛卻廠廳歷壓縣參雙發變臺葉號噸聽啟員諮響噴囑團"
    "園圍國圖場壞塊堅壇聲處備復夠頭夾獎學寧實審對尋導壽將塵盡層屆屬歲崗嶺幣師帶幫廣慶庫應廢開異張強歸當錄"
    "徑態總惱驚願戰戶擴掃揚擾搶護報擔揀擇掛擋擠揮損撿換據攪攝擺攤數斷無舊時顯術機雜權條來極構槍標欄樣檔橋"
    "樁檢樓檻歡歐氣沒澤漿測濟塗漲滲溫遊灣濕滿濾灘燈爐點煉爍煙煩熱獨狹獻環現瑤電療蓋盤礦碼礎碩確離種積稱稅"
    "穩競筆籠篩籌簽簡籃類粵緊紅約級紀純納縱紙紡線練組細織終紹經結繞給絡絕統繼績續綜綠緩編縫縮網羅職聯肅腫"
    "腦脫醃騰藝節葦蘇蘋荊薦藥獲營補襯襲裝見觀規視覽觸計訂認讓訓議訊記許論設訪證評診試誠詢該語誤說請諾讀課"
    "誰調談謀謝謹譚譜貝負貢財責賬貨質貧購貫貼貴貸貿費賃資賽贛趕車軌轉輪軸輕載較輛輯輸達遷過運還這進遠違連"
    "遲跡適選邏遺遙釋針鐘鋼鑰鉤鑽鐵銑鏟銀鑄鋪鏈銷鋰鍋錯錨錘鍵鍛鍍鎮鏡長門閃閉問閒間聞閥隊陽陰階際陸隴險隨"
    "難靜韓頂項順須預領頻顆題額風飛飾馬驅駛駐駕驗驟驥鮮鳥黃齊齒齡"
)
_PINYIN = {
    "产": "chǎn", "业": "yè", "转": "zhuǎn", "协": "xié", "发": "fā", "质": "zhì", "区": "qū", "调": "diào",
    "网": "wǎng", "经": "jīng", "优": "yōu", "关": "guān", "内": "nèi", "创": "chuàng", "联": "lián", "务": "wù",
    "设": "shè", "态": "tài", "构": "gòu", "现": "xiàn", "应": "yīng", "数": "shù", "环": "huán", "战": "zhàn",
    "领": "lǐng", "结": "jié", "统": "tǒng", "础": "chǔ", "术": "shù", "监": "jiān", "权": "quán",
}  # fmt: skip
_TABLE = str.maketrans(
    {
        simplified: f"{traditional}({_PINYIN[simplified]})" if simplified in _PINYIN else traditional
        for simplified, traditional in zip(_SIMPLIFIED, _TRADITIONAL, strict=True)
    }
)


def garble(text: str) -> str:
    """Return a page or a text as a mirror would show it."""
    return text.translate(_TABLE)
