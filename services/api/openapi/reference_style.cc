#include "services/api/openapi/reference_page.h"

namespace conntrail::api {

std::string_view ReferenceStyle() {
  return R"css(
:root{color-scheme:light dark;--back:#fff;--front:#1c2330;--quiet:#5a6475;--line:#d9dee7;
--soft:#f4f6f9;--link:#1857c4;--get:#1757b8;--post:#17713b;--put:#8a4b00;--patch:#6b3fa0;
--delete:#b3261e;--focus:#1857c4}
@media(prefers-color-scheme:dark){:root{--back:#11151c;--front:#e4e8ef;--quiet:#9aa5b6;
--line:#2c3442;--soft:#1a202a;--link:#85b1ff;--get:#85b1ff;--post:#6fcf97;--put:#f2b46b;
--patch:#c9a7f5;--delete:#ff938a;--focus:#85b1ff}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
@media(prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--back);color:var(--front);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
a{color:var(--link);text-underline-offset:.15em}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:var(--back);padding:.5rem}
code,pre{font:.875em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
code{overflow-wrap:anywhere}
pre{background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:.75rem;
overflow:auto;max-height:28rem;margin:.5rem 0}
pre code{overflow-wrap:normal}
h1{font-size:1.6rem;margin:.2rem 0}h2{font-size:1.3rem;margin:2.5rem 0 .3rem}
h3{font-size:1.05rem;margin:0}h4{font-size:.9rem;margin:1.1rem 0 .2rem;color:var(--quiet)}
nav{padding:1rem;border-bottom:1px solid var(--line)}
nav ul{list-style:none;margin:.2rem 0 .8rem;padding:0}
nav li a{display:block;padding:.3rem .4rem;border-radius:4px;text-decoration:none;color:inherit;
font-size:.92rem}
nav li a:hover{background:var(--soft)}
nav h2{font-size:.8rem;margin:.8rem 0 0;color:var(--quiet)}
nav input{width:100%;font:inherit;padding:.5rem .6rem;border:1px solid var(--quiet);
border-radius:6px;background:var(--back);color:inherit}
main{padding:1rem;max-width:60rem;min-width:0}
article{border:1px solid var(--line);border-radius:8px;padding:1rem;margin:1rem 0}
.line{display:flex;flex-wrap:wrap;gap:.3rem .7rem;align-items:baseline;margin:.3rem 0}
.method{font:700 .78rem/1 ui-monospace,monospace;letter-spacing:.03em;min-width:3.6rem}
.get{color:var(--get)}.post{color:var(--post)}.put{color:var(--put)}.patch{color:var(--patch)}
.delete{color:var(--delete)}
.scope{border:1px solid var(--line);border-radius:99px;padding:.05rem .6rem;font-size:.82rem}
.type,.rule{color:var(--quiet);font-size:.88rem}.rule::before{content:"\00b7\00a0"}
.required{color:var(--delete);font-size:.82rem}
.name{font-weight:600}
ul.properties{list-style:none;margin:.2rem 0;padding:0 0 0 .9rem;border-left:2px solid var(--line)}
ul.properties li{margin:.35rem 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem .9rem;margin:.3rem 0}
dt{font-weight:600}dt .type{font-weight:400}dd{margin:0;min-width:0}
p{margin:.5rem 0}dd p{margin:.1rem 0}
@media(max-width:34rem){dl{grid-template-columns:1fr}dd{margin:0 0 .5rem .9rem}}
summary{cursor:pointer;padding:.25rem 0}
.schema{border-top:1px solid var(--line);padding:.2rem 0}
:target{border-color:var(--focus)}
[hidden]{display:none!important}
@media(min-width:62rem){body{display:grid;grid-template-columns:19rem 1fr}
nav{position:sticky;top:0;height:100vh;overflow:auto;border-bottom:0;border-right:1px solid var(--line)}
main{padding:1.5rem 2.5rem}}
@media print{nav{display:none}pre{max-height:none}}
)css";
}

std::string_view ReferenceScript() {
  return R"js(
const filter=document.getElementById("filter");
filter.hidden=false;
filter.addEventListener("input",()=>{
  if(filter.value)document.getElementById("contents").open=true;
  const words=filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  for(const item of document.querySelectorAll("nav li[data-words]"))
    item.hidden=!words.every(word=>item.dataset.words.includes(word));
  for(const group of document.querySelectorAll("nav div"))
    group.hidden=!group.querySelector("li:not([hidden])");
});
document.addEventListener("keydown",event=>{
  if(event.key==="/"&&!/^(INPUT|TEXTAREA)$/.test(event.target.tagName)){
    event.preventDefault();filter.focus();}
  if(event.key==="Escape"&&event.target===filter){
    filter.value="";filter.dispatchEvent(new Event("input"));}
});
const open=()=>{
  const target=document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for(let at=target;at;at=at.parentElement)if(at.tagName==="DETAILS")at.open=true;
  if(target)target.scrollIntoView();
};
addEventListener("hashchange",open);
open();
if(matchMedia("(min-width:62rem)").matches)document.getElementById("contents").open=true;
)js";
}

}  // namespace conntrail::api
