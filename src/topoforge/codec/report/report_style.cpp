#include "topoforge/codec/report/report_style.hpp"

namespace topoforge {

std::string_view report_style() {
  return R"css(
:root{color-scheme:light dark;
--page:#f6f7f9;--card:#fff;--line:#e3e7ed;--grid:#edf0f4;--text:#1b2430;--soft:#5b6878;--accent:#0b6bb8;--series:#2b5f93;
--d0:#0b6bb8;--d1:#c94f08;--d2:#0a8463;--d3:#9a3f89;
--Low:#5b6878;--Medium:#8f6400;--High:#c04a06;--Critical:#b3202e;--bar:#cfdcea}
@media(prefers-color-scheme:dark){:root{
--page:#10151c;--card:#171e27;--line:#2a3442;--grid:#222b37;--text:#e6ebf1;--soft:#9aa7b8;--accent:#6bb3f0;--series:#8fc0ee;
--d0:#63b0f2;--d1:#f29350;--d2:#45c79f;--d3:#d98acb;
--Low:#9aa7b8;--Medium:#e0b04a;--High:#f29350;--Critical:#f4737f;--bar:#2d4056}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","DejaVu Sans",sans-serif;-webkit-text-size-adjust:100%}
main{max-width:1120px;margin:0 auto;padding:40px 24px 64px}
h1,h2,h3,h4,p,figure,dl,dd{margin:0}
h1{font-size:26px;line-height:1.25;font-weight:650;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:18px;font-weight:650;margin:44px 0 12px}
h3{font-size:16px;font-weight:650}
h4{font-size:13px;font-weight:650;margin:0 0 8px}
a{color:var(--accent)}
.kicker{color:var(--soft);font-size:13px;font-weight:600;margin-bottom:4px}
.lead{font-size:17px;margin-top:14px;max-width:72ch;overflow-wrap:anywhere}
.soft,.note{color:var(--soft)}
.note{font-size:13px;margin-top:10px}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:20px}
.card+.card{margin-top:16px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin-top:24px}
.tiles div{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
.tiles dt,.facts dt{color:var(--soft);font-size:13px}
.tiles dd{font-size:22px;font-weight:600;line-height:1.3;font-variant-numeric:tabular-nums}
.tiles dd small{display:block;font-size:12px;font-weight:400;color:var(--soft);overflow-wrap:anywhere}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(190px,1fr));gap:10px 24px}
.facts dd{overflow-wrap:anywhere}
.facts+.note{margin-top:16px}
.plot+.plot{margin-top:18px}
.plot figcaption{display:flex;justify-content:space-between;gap:12px;font-size:13px;margin-bottom:4px}
.channel{font-weight:600;overflow-wrap:anywhere}
.extra{color:var(--soft);white-space:nowrap}
.area{position:relative;margin-left:52px;height:64px}
.tall .area{height:170px}
.area svg{position:absolute;inset:0;width:100%;height:100%;overflow:visible}
.area path{fill:none;vector-effect:non-scaling-stroke}
.area .series{stroke:var(--series);stroke-width:1.3;stroke-linejoin:round;stroke-linecap:round}
.area .grid{stroke:var(--grid)}
.area .threshold{stroke:var(--Critical);stroke-dasharray:5 4;stroke-width:1.2}
.area .usual{stroke:var(--soft);stroke-dasharray:2 4}
.y{position:absolute;right:100%;margin-right:7px;transform:translateY(-50%);font-size:11px;color:var(--soft);white-space:nowrap;font-variant-numeric:tabular-nums}
.line-name{position:absolute;right:0;transform:translateY(-110%);font-size:11px;color:var(--Critical);background:var(--card);padding:0 4px;border-radius:3px}
.rows{position:relative;margin-left:52px;height:20px;font-size:11px;color:var(--soft);font-variant-numeric:tabular-nums}
.rows span{position:absolute;top:4px;transform:translateX(-50%);white-space:nowrap}
.band{fill:currentColor;fill-opacity:.2}
.Low{color:var(--Low)}.Medium{color:var(--Medium)}.High{color:var(--High)}.Critical{color:var(--Critical)}
.badge{display:inline-block;font-size:12px;font-weight:600;line-height:1.5;padding:1px 9px;border-radius:99px;border:1px solid currentColor;white-space:nowrap}
.scroll{overflow-x:auto;margin:0 -4px;padding:0 4px}
.scroll:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th{text-align:left;font-size:12px;font-weight:600;color:var(--soft);white-space:nowrap}
th,td{padding:7px 14px 7px 0;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}
th:last-child,td:last-child{padding-right:0}
.number{text-align:right;white-space:nowrap}
td small{display:block;color:var(--soft);font-size:12px;white-space:nowrap}
td.name{overflow-wrap:anywhere;min-width:7em}
td.share-cell{white-space:nowrap}
.share{display:inline-block;vertical-align:middle;width:64px;height:7px;border-radius:4px;background:var(--grid);margin-right:8px;overflow:hidden}
.share i{display:block;height:100%;background:var(--series)}
.window header{display:flex;flex-wrap:wrap;align-items:center;gap:6px 12px}
.window .facts{margin-top:16px;grid-template-columns:repeat(auto-fill,minmax(130px,1fr))}
.window .facts dd{font-weight:600;font-variant-numeric:tabular-nums}
.explanation{margin-top:12px;max-width:78ch;overflow-wrap:anywhere}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,280px),1fr));gap:20px;margin-top:20px}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,380px),1fr));gap:24px 32px;margin-top:24px}
.two>*{min-width:0}
.charts svg{display:block;width:100%;height:auto;overflow:visible}
.charts text{fill:var(--text)}
.charts .label{font-size:11px;fill:var(--soft)}.charts .caption{font-size:12px;fill:var(--soft)}
.charts .name{font-size:11px;font-weight:600;fill:currentColor}
.frame{stroke:var(--soft);stroke-opacity:.6}.charts .grid{stroke:var(--grid)}.guide{stroke:var(--soft);stroke-opacity:.7}
.mark{fill:currentColor;fill-opacity:.75;stroke:var(--card);stroke-width:.7}
.d0{color:var(--d0)}.d1{color:var(--d1)}.d2{color:var(--d2)}.d3{color:var(--d3)}
.threat+.threat{margin-top:14px}
.threat p{font-size:14px;overflow-wrap:anywhere}
footer{margin-top:48px;color:var(--soft);font-size:13px}
@media(max-width:600px){main{padding:24px 14px 48px}h1{font-size:22px}.lead{font-size:16px}.card{padding:16px 14px}
.tiles{grid-template-columns:repeat(2,1fr);gap:8px}.tiles div:first-child{grid-column:span 2}.facts{grid-template-columns:repeat(auto-fill,minmax(130px,1fr))}.share{width:32px;margin-right:6px}.tiles div{padding:10px 12px}.tiles dd{font-size:19px}
.area,.rows{margin-left:42px}.tall .area{height:130px}.rows span:nth-child(even){display:none}h2{margin-top:34px}}
@media print{body{background:#fff}.card,.tiles div{break-inside:avoid}}
)css";
}

}  // namespace topoforge
