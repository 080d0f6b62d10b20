import{b as G,d as W}from"./chunk-7ZJFGXV4.js";import{b as L,c as _,e as F,f as K,g as H,h as B,i as U,j as i,k as y,l as V}from"./chunk-7J5FZPBR.js";import"./chunk-SQE76S5B.js";var Y=["qr_code","code_128"];var q;async function Te(){let e=globalThis.BarcodeDetector,t=await e?.getSupportedFormats().catch(()=>[])??[];if(e!==void 0&&Y.every(o=>t.includes(o))){let o=new e({formats:Y});return async d=>(await o.detect(d)).map(c=>c.rawValue)}let{loadZxing:n}=await import("./zxing-MFG6XZDT.js"),s=await n(),r=document.createElement("canvas"),a=r.getContext("2d",{willReadFrequently:!0});return o=>{let{videoWidth:d,videoHeight:c}=o,u=Math.min(1,1280/Math.max(d,c));return r.width=Math.round(d*u),r.height=Math.round(c*u),a.drawImage(o,0,0,r.width,r.height),s(a.getImageData(0,0,r.width,r.height))}}function Ce(e){let t=e instanceof DOMException?e.name:"";return t==="NotAllowedError"||t==="SecurityError"?"denied":t==="NotFoundError"||t==="OverconstrainedError"?"missing":"fails"}async function Z(e,t){if(navigator.mediaDevices===void 0)return"missing";let n,s;try{n=await navigator.mediaDevices.getUserMedia({audio:!1,video:{facingMode:"environment",width:{ideal:1280},height:{ideal:720}}}),e.srcObject=n,await e.play(),s=await(q??=Te())}catch(o){return q=void 0,n?.getTracks().forEach(d=>d.stop()),Ce(o)}let r=!0,a=async()=>{if(r){if(e.videoWidth>0)for(let o of await s(e).catch(()=>[]))r&&t(o);r&&setTimeout(a,60)}};return a(),{stop(){r=!1,n.getTracks().forEach(o=>o.stop()),e.srcObject=null}}}var Ae=[["TAB",/\t/g],["CR",/\r/g],["LF",/\n/g],["GS (FNC1)",/\x1d/g],["spaces",/\p{Zs}/gu],["other control characters",/\p{Cc}/gu],["invisible characters such as U+FEFF or U+200B",/[\p{Cf}\p{Zl}\p{Zp}]/gu],["an AIM symbology identifier such as ]C1",/^\][A-Za-z][0-9A-Za-z]/]];function z(e){let t=e,n=[];for(let[s,r]of Ae){let a=t.replace(r,"");a!==t&&n.push(s),t=a}return G(t)?{code:t,added:n}:null}async function f(e,t,n,s){try{let r=await fetch(n,{method:t,headers:{authorization:`Bearer ${e}`,...s!==void 0&&{"content-type":"application/json"}},...s!==void 0&&{body:JSON.stringify(s)},cache:"no-store",credentials:"omit",redirect:"error",signal:AbortSignal.timeout(15e3)}),a=await r.json();if(typeof a!="object"||a===null)return null;let o=Number(r.headers.get("retry-after")??NaN);return{status:r.status,body:a,...Number.isInteger(o)&&{retryAfterSeconds:o}}}catch{return null}}var $e=({orderId:e})=>`/v1/payments?order_id=${encodeURIComponent(e)}`;function X(e,t){let{asked:n,order:s,code:r}=t;switch(n){case"pay":return f(e,"POST","/v1/payments",{code:r,order_id:s.orderId,amount_minor:s.amountMinor,currency:s.currency,...s.terminalId!==""&&{terminal_id:s.terminalId},...s.isSecondPurchase&&{second_purchase:!0}});case"ask":return f(e,"GET",$e(s));case"reverse":return f(e,"POST","/v1/reversals",{order_id:s.orderId})}}var Pe=10;async function J(e,t,n){let s=[],r;for(let a=0;a<Pe;a++){let o=new URLSearchParams({from:new Date(n).toISOString(),limit:"100",...t!==""&&{terminal_id:t},...r!==void 0&&{cursor:r}}),d=await f(e,"GET",`/v1/payments?${o}`);if(d?.status!==200)return null;let{payments:c,cursor:u}=d.body;if(!Array.isArray(c))return null;if(s.push(...c),u===void 0)break;r=u}return s}var Oe=new Map([..."BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(" ").map(e=>[e,0]),..."BHD IQD JOD KWD LYD OMR TND".split(" ").map(e=>[e,3])]),j="EUR CNY USD GBP JPY HKD AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB FJD FKP GEL GHS GIP GMD GNF GTQ GYD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG".split(" ");function Me(e){return Oe.get(e)??2}var Q=11;function ee(e,t){return t==="clear"?"":t==="back"?e.slice(0,-1):(e+t).replace(/^0+/,"").slice(0,Q+1)}function b(e){return e===""||e.length>Q?null:Number(e)}function P(e,t){let n=Me(t),s=`${e}`.padStart(n+1,"0"),r=s.slice(0,s.length-n).replace(/\B(?=(\d{3})+$)/g,",");return n===0?r:`${r}.${s.slice(-n)}`}function p(e,t){return`${P(e,t)} ${t}`}function ne(e,t,n){if(n===null)return k(e);let{status:s,body:r}=n,a={isTest:r.mode==="test",...typeof r.waits_for=="string"&&{waitsFor:r.waits_for},...Ne(r.cashier)&&{says:r.cashier}};if(s===200||s===201){if(r.order_id!==t)return k(e);let o=De(e,r);return o===null?k(e):{...a,...o}}return typeof r.code!="string"?k(e):{...a,...a.says===void 0&&{note:"noAnswer"},...Re(e,n),...typeof r.detail=="string"&&{detail:r.detail},...typeof r.instance=="string"&&{instance:r.instance},code:r.code}}function k(e){let t={headline:"notKnown",isTest:!1};switch(e){case"pay":return{...t,note:"noAnswer",presses:["again","ask","reverse"],state:"unknown"};case"ask":return{...t,note:"noAnswerAsked",presses:["ask","again","reverse"],askInSeconds:5};case"reverse":return{...t,note:"noAnswerReversed",presses:["reverse","ask"]}}}function De(e,t){switch(t.status){case"succeeded":return{headline:"paid",presses:["next","reverse"],state:"paid"};case"processing":case"awaiting_confirmation":return e==="ask"?te(t,"waiting","underWay"):null;case"reversing":return te(t,"reversing","reversing");case"reversed":return{headline:"reversed",note:"reversed",presses:["next","renumber"],state:"reversed"};case"declined":return e==="ask"?{headline:"notPaid",note:"declined",presses:["scan","cancel"],state:"unpaid"}:null;case"refunded":return{headline:"orderOver",note:"refunded",presses:["next"],state:"closed"};default:return null}}function te(e,t,n){return{headline:t,note:n,presses:t==="waiting"?["ask","reverse"]:["ask"],askInSeconds:e.next_query_seconds??5,state:"waiting"}}function Ee(e){switch(e){case"looks-like-double-scan":return{headline:"askCustomer",presses:["cancel","second"],state:"unpaid"};case"order-paid-earlier":case"order-conflict":case"order-refunded":return{headline:"orderOver",presses:["renumber","next"],state:"closed"};case"payment-reversed":return{headline:"reversed",presses:["next","renumber"],state:"reversed"};case"reversal-too-late":return{headline:"orderOver",presses:["next","ask"]};case"not-authenticated":case"forbidden":return{headline:"tillProblem",presses:["key"]};default:return null}}function Re(e,t){let{body:n,retryAfterSeconds:s}=t,r=Ee(n.code);if(r!==null)return r;let a=s===void 0?{}:{waitSeconds:s},o=n.next_query_seconds===void 0?{}:{askInSeconds:n.next_query_seconds,state:"waiting"};switch(n.retry){case"new-code":return{headline:"notPaid",presses:["scan","cancel"],state:"unpaid"};case"later":return{headline:"notPaid",presses:["scan","cancel"],...a,state:"unpaid"};case"query":return n.code==="not-found"?{headline:"notKnown",presses:["again","ask","reverse"]}:{headline:"waiting",presses:["ask","reverse"],...o};case"same-order":return{headline:e==="reverse"?"reversing":"notKnown",presses:e==="reverse"?["reverse","ask"]:e==="ask"?["ask","again","reverse"]:["again","ask","reverse"],...a,...e==="pay"&&{state:"unknown"},...o};case"never":return{headline:"tillProblem",presses:["cancel","key"]};default:return{headline:"notKnown",presses:["ask","reverse"]}}}function Ne(e){let t=e;return typeof t?.en=="string"&&typeof t.zh=="string"}function v(e){return{phase:"amount",digits:"",currency:e,order:null,code:null,refusedCode:null,verdict:null,asked:null,wasInDoubt:!1,calls:0}}function S(e){return e.isInDoubt||e.state==="waiting"}function O({phase:e,order:t}){return e==="amount"||e==="result"&&t!==null&&!S(t)}function h({verdict:e,code:t,order:n}){return e===null||n===null?[]:e.presses.map(s=>s==="again"&&t===null?"scan":s)}function M(e){return e.phase==="scan"||e.phase==="result"&&h(e).includes("scan")}function re(e,t){switch(t.type){case"key":return e.phase!=="amount"?{sale:e}:{sale:{...e,digits:ee(e.digits,t.key)}};case"currency":return e.phase!=="amount"?{sale:e}:{sale:{...e,currency:t.currency}};case"charge":return xe(e,t.fresh);case"scanned":return M(e)?Ie(e,t.code):{sale:e};case"press":return Le(e,t.press,t.fresh);case"answered":return Fe(e,t.number,t.answer);case"open":return O(e)?g({...e,order:t.order,code:null,refusedCode:null},t.ask):{sale:e};case"resume":return e.phase!=="amount"?{sale:e}:{sale:{...e,phase:"scan",order:t.order}}}}function xe(e,t){let n=e.phase==="amount"?b(e.digits):null;return n===null?{sale:e}:ae(e,n,e.currency,t)}function ae(e,t,n,{orderId:s,terminalId:r,nowMs:a}){let o={orderId:s,amountMinor:t,currency:n,terminalId:r,createdMs:a,state:"open",isInDoubt:!1,isSecondPurchase:!1,isTest:!1};return{sale:{...e,phase:"scan",digits:"",order:o,code:null,refusedCode:null,verdict:null},save:o}}function Ie(e,t){return g({...e,code:t},"pay")}function g(e,t){let n=t==="ask"?e.order:{...e.order,isInDoubt:!0},s=e.calls+1,r=e.order.isInDoubt;return{sale:{...e,phase:"busy",asked:t,order:n,wasInDoubt:r,calls:s},save:n,call:{asked:t,number:s,order:n,...t==="pay"&&{code:e.code}}}}function Le(e,t,n){let{order:s,phase:r}=e;if(r==="scan"&&t==="cancel")return se(e);if(r!=="result"||!h(e).includes(t))return{sale:e};switch(t){case"next":return{sale:{...v(e.currency),calls:e.calls}};case"scan":return{sale:{...e,phase:"scan",refusedCode:e.code}};case"again":return g(e,"pay");case"ask":case"reverse":return g(e,t);case"second":{let a={...e,order:{...s,isSecondPurchase:!0}};return e.code===null?{sale:{...a,phase:"scan"},save:a.order}:g(a,"pay")}case"renumber":return ae(e,s.amountMinor,s.currency,n);case"cancel":return se(e);case"key":return{sale:e}}}function se(e){return S(e.order)?g(e,"reverse"):{sale:{...v(e.currency),calls:e.calls},save:{...e.order,state:"closed"}}}var _e=["paid","reversed","closed"];function Fe(e,t,n){if(e.phase!=="busy"||t!==e.calls)return{sale:e};let s=e.asked,r=e.order,a=ne(s,r.orderId,n),{headline:o,state:d=r.state}=a,c=_e.includes(d)&&a.state!==void 0,u={...r,state:d,isInDoubt:!c&&(e.wasInDoubt||s!=="ask"&&Ke.includes(o)),isTest:r.isTest||a.isTest};return{sale:{...e,phase:"result",asked:null,order:u,verdict:a},save:u}}var Ke=["notKnown","waiting","reversing"];var He=[[880,0,.12],[1320,.13,.4]],Be=[[220,0,.25],[165,.3,.7]],Ue=[[587,0,.1],[587,.18,.28],[587,.36,.46]];function oe(e){switch(e){case"paid":return He;case"waiting":case"reversing":return[];case"notPaid":case"tillProblem":return Be;default:return Ue}}var w;function ie(e){if(e.length===0)return;w??=new AudioContext,w.resume().catch(()=>{});let t=w.currentTime+.02;for(let[n,s,r]of e){let a=new OscillatorNode(w,{frequency:n,type:n<300?"square":"sine"}),o=new GainNode(w,{gain:0});a.connect(o).connect(w.destination),o.gain.setValueAtTime(0,t+s),o.gain.linearRampToValueAtTime(.3,t+s+.01),o.gain.setValueAtTime(.3,t+r-.03),o.gain.linearRampToValueAtTime(0,t+r),a.start(t+s),a.stop(t+r)}}var Ve=/^ock_(test|live)_[\w-]{20,200}$/,Ge=/^[!-~]{0,64}$/,D="offcode.till.key",le="offcode.till.settings",We=400,Ye={succeeded:"paid",declined:"unpaid",reversing:"waiting",reversed:"reversed",refunded:"refunded"};function qe(e,t,n){let s=Ye[e.status]??"unknown";return{order:t??{orderId:e.order_id,amountMinor:e.amount_minor,currency:e.currency,terminalId:n,createdMs:Date.parse(e.created_at),state:s==="refunded"?"closed":s,isInDoubt:!1,isSecondPurchase:!1,isTest:!1},state:s,...e.description!==void 0&&{description:e.description}}}function Ze(){let e={terminalId:"",currency:"EUR",hasSound:!0};try{let t=JSON.parse(localStorage.getItem(le)??"{}");return{...e,...t}}catch{return e}}var ze="0123456789ABCDEFGHJKMNPQRSTVWXYZ";function Xe(e,t){let n=new Date(t).toISOString().replace(/\D/g,"").slice(2,14),s=[...V.bytes(8)].map(r=>ze[r%32]).join("");return`${e.slice(0,32)||"till"}-${n}-${s}`}var T=class{screen="setup";sale;settings=Ze();notice=null;setupFault=null;isChecking=!1;wantsCamera=!1;camera="off";typedCode="";toReverse=null;listed=null;listFails=!1;isOffline=!navigator.onLine;language;#n=null;#e;#t=sessionStorage.getItem(D);#i=0;#c=0;#u="";constructor(t,n){this.#e=n,this.language=t,this.sale=v(this.settings.currency)}stop(t){this.#r(t)}start(t){if(this.#n=t,this.#t===null)return this.#r("setup");this.#r("sale"),this.#l(!0)}get isTest(){return this.#t?.startsWith("ock_test_")??!1}get isArmed(){return performance.now()-this.#c>=We}get waitSeconds(){return this.#p(this.sale.verdict?.waitSeconds)}get askSeconds(){return this.#p(this.sale.verdict?.askInSeconds)}#p(t){if(t===void 0||this.sale.phase!=="result")return 0;let n=t*1e3-(performance.now()-this.#i);return Math.max(0,Math.ceil(n/1e3))}async open(t,n){if(this.isChecking)return;if(!Ve.test(t))return this.#o("keyWrongForm");if(!Ge.test(n.terminalId))return this.#o("terminalWrong");this.isChecking=!0,this.#o(null);let s=await f(t,"GET","/v1/payments?limit=1");if(this.isChecking=!1,s?.status!==200)return this.#o(s?.status===401?"keyRefused":s?.status===403?"keyNotMerchant":"keyNotChecked");this.#t=t,sessionStorage.setItem(D,t),this.change(n),this.listed=null,this.#r("sale"),this.sale.phase==="result"&&h(this.sale).includes("key")&&(this.sale={...v(n.currency),calls:this.sale.calls}),this.#l(!0)}lock(){this.#t=null,sessionStorage.removeItem(D),this.listed=null,this.toReverse=null,this.#r("setup")}change(t){this.settings={...this.settings,...t},localStorage.setItem(le,JSON.stringify(this.settings)),this.#s({type:"currency",currency:this.settings.currency})}speak(t){this.language=t,B(t),this.#e()}type(t){this.notice=null,this.#s({type:"key",key:t})}charge(){this.notice=null,this.#s({type:"charge",fresh:this.#d()})}press(t){if(!(this.sale.phase==="result"&&!this.isArmed||(t==="scan"||t==="again")&&this.waitSeconds>0)){if(this.notice=null,t==="key")return this.lock();if(t==="reverse"&&this.sale.order?.state==="paid")return this.toReverse=this.sale.order,this.#e();this.#s({type:"press",press:t,fresh:this.#d()}),this.sale.phase==="amount"&&this.#l(!1)}}reverseSurely(t){let n=this.toReverse;if(this.toReverse=null,!t||n===null)return this.#e();this.look(n,"reverse")}look(t,n){if(n==="reverse"&&t.state==="paid"&&this.screen==="list")return this.toReverse=t,this.screen="sale",this.sale={...v(this.settings.currency),calls:this.sale.calls},this.#e();this.#r("sale"),this.#s({type:"open",order:t,ask:n})}read(t,n){let s=z(t);if(!M(this.sale)||this.screen!=="sale")return n==="camera"?void 0:this.#a(this.screen==="sale"&&this.sale.phase==="amount"?"chargeFirst":"notNow");if(this.waitSeconds>0)return this.#a("notNow");if(s===null){let d=n==="scanner"&&!/\d{4}/.test(t);return this.#a(d?"notDigits":"notACode")}let{refusedCode:r,code:a,phase:o}=this.sale;if(s.code===(o==="result"?a:r))return this.#a("sameCode");this.typedCode="",this.notice=n==="scanner"&&s.added.length>0?{text:"scannerAdds",value:s.added.join(", ")}:null,this.#s({type:"scanned",code:s.code})}typeCode(t){this.typedCode=t,this.#e()}async showList(){if(!O(this.sale))return this.#a("notNow");this.notice=null,this.#r("list"),await this.refreshList()}async refreshList(){if(this.#t===null)return;let{terminalId:t}=this.settings,n=await J(this.#t,t,this.todayMs);this.listFails=n===null,n!==null&&(this.listed=n),this.#e()}showSale(){this.#r("sale")}get todayMs(){return new Date(y.nowMs()).setHours(0,0,0,0)}get today(){let t=new Map((this.#n?.since(this.todayMs)??[]).map(s=>[s.orderId,{order:s,state:s.isInDoubt?"unknown":s.state}])),{terminalId:n}=this.settings;for(let s of this.listed??[]){let r=t.get(s.order_id)?.order;r===void 0&&n===""||t.set(s.order_id,qe(s,r,n))}return[...t.values()].sort((s,r)=>r.order.createdMs-s.order.createdMs)}setCamera(t){this.camera=t,this.#e()}useCamera(t){this.wantsCamera=t,this.camera="off",this.notice=null,this.#e()}setOffline(t){this.isOffline=t,this.#e()}tick(){if(this.screen!=="sale"||this.sale.phase!=="result")return;let{verdict:t}=this.sale;if(t?.askInSeconds!==void 0&&this.askSeconds===0&&this.toReverse===null)return this.#s({type:"press",press:"ask",fresh:this.#d()});let s=`${this.isArmed} ${this.waitSeconds} ${this.askSeconds}`;s!==this.#u&&this.#e(),this.#u=s}#l(t){if(this.sale.phase!=="amount")return;let n=this.#n?.openEnded(),s=y.nowMs();if(n!==void 0)this.#s({type:"open",order:n,ask:"ask"});else if(t){let r=this.#n?.resumable(s);r!==void 0&&this.#s({type:"resume",order:r})}}#d(){let{terminalId:t}=this.settings,n=y.nowMs();return{orderId:Xe(t,n),terminalId:t,nowMs:n}}#a(t){this.notice={text:t},this.#e()}#o(t){this.setupFault=t,this.#e()}#r(t){this.screen=t,this.#e()}#s(t){let{sale:n,save:s,call:r}=re(this.sale,t);if(t.type==="answered"&&n!==this.sale){let{headline:a}=n.verdict;this.#i=performance.now(),(this.sale.asked!=="ask"||a!==this.sale.verdict?.headline)&&(this.#c=this.#i,this.settings.hasSound&&ie(oe(a)))}n.phase!==this.sale.phase&&(this.typedCode=""),this.sale=n,this.#e(),s!==void 0&&this.#h(s,r)}async#h(t,n){try{await this.#n.save(t)}catch{return this.#r("storageFails")}if(n===void 0||this.#t===null)return this.#e();let s=await X(this.#t,n);this.#s({type:"answered",number:n.number,answer:s})}};var Je=48*36e5,je=36e5,C=class e{#n;#e;constructor(t,n){this.#n=t,this.#e=n}static async open(t){let n=await W("offcode-till"),s=await n.all(),r=[...s.values()].filter(a=>!S(a)&&a.createdMs<t-Je).map(({orderId:a})=>a);r.length>0&&await n.delete(...r);for(let a of r)s.delete(a);return new e(n,s)}async save(t){await this.#n.put({[t.orderId]:t}),this.#e.set(t.orderId,t)}since(t){return this.#t().filter(n=>n.createdMs>=t)}openEnded(){return this.#t().find(S)}resumable(t){let n=this.#t()[0];return n!==void 0&&t-n.createdMs<je&&(n.state==="open"||n.state==="unpaid")?n:void 0}#t(){return[...this.#e.values()].sort((t,n)=>n.createdMs-t.createdMs)}};var Qe={title:"Till",testMode:"TEST: no real money. Hand over nothing.",setupTitle:"Open the till",keyLabel:"Merchant key",keyHint:"Begins with ock_. It is kept until this tab is closed, and never written to a file by the till.",keyWrongForm:"This is no merchant key: it begins with ock_test_ or ock_live_.",keyRefused:"The server does not know this key. Enter another one.",keyNotMerchant:"This key is not a merchant's. Enter the key of the shop.",keyNotChecked:"The server did not answer. Check the network and try again.",terminalLabel:"Name of this till",terminalHint:"Such as till-3: letters, digits and signs without spaces. May be empty.",terminalWrong:"At most 64 letters, digits and signs, without spaces.",currencyLabel:"Currency",openTill:"Open",lock:"Lock the till",sound:"Sound",language:"Language",storageFails:"This browser keeps no orders, so nothing was sent: a sale could get lost. Leave private browsing, or make room on the disk.",otherTab:"The till is open in another tab or window of this browser. Use that one, or close it: then the till opens here.",takeOver:"Try again",amountTitle:"Amount",keyBack:"Delete the last digit",keyClear:"Clear",charge:"Charge {value}",amountTooLong:"Too many digits",chargeNothing:"Enter an amount",chargeFirst:"A code was scanned, and nothing was taken. Press Charge first, then scan.",scanTitle:"Scan the customer's code",scanHint:"Use the scanner or the camera, or enter the digits.",cameraOn:"Scan with the camera",cameraOff:"Switch the camera off",cameraStarts:"The camera starts…",cameraLooks:"Hold the code into the frame.",cameraView:"Picture of the camera",cameraDenied:"The browser does not let this page use the camera. Allow it beside the address, or use a scanner.",cameraMissing:"No camera was found. Use a scanner, or enter the digits.",cameraFails:"The camera does not work. Use a scanner, or enter the digits.",digitsLabel:"Digits of the code",digitsPay:"Pay with these digits",notACode:"This is no payment code: it has 16 to 24 digits. Ask the customer to open the payment code.",notDigits:"The scanner typed letters or signs in place of digits. Set its keyboard language to that of this device.",sameCode:"This is the code that was refused. Wait until the phone shows the next one.",scannerAdds:"The scanner adds characters to the code ({value}). The till left them out. Switch them off with the setup codes of the scanner's manual.",notNow:"A code was scanned, and nothing was done with it. First press what is shown here.",busyPay:"One moment…",busyAsk:"Asking…",busyReverse:"Reversing…",busyHint:"Hand over nothing yet.",paid:"PAID",notPaid:"NOT PAID",notKnown:"NOT KNOWN",waiting:"WAIT",reversing:"BEING REVERSED",reversed:"REVERSED",askCustomer:"ASK THE CUSTOMER",orderOver:"ORDER ENDED",tillProblem:"NOT POSSIBLE",paidTest:"TEST: PAID",notePaid:"Hand over the goods.",notePaidTest:"This is a test: no money moved. Hand over nothing.",noteNoAnswer:"No answer came. Hand over nothing yet and press “Send again”: the same sale is never paid twice.",noteNoAnswerScan:"Nobody knows yet whether this sale was paid. Hand over nothing yet. Ask again; the same sale is never paid twice.",noteNoAnswerAsked:"No answer came. Hand over nothing yet, and ask again.",noteNoAnswerReversed:"No answer came. The sale may or may not be reversed: press “Reverse” again. That is safe.",noteDeclined:"The payment was declined. Scan a new code, or take other money.",noteReversed:"Nothing is taken for this sale. What was taken goes back.",noteReversing:"The sale is being reversed. Hand over nothing.",noteUnderWay:"The payment is not decided yet. Hand over nothing; the till asks again.",noteRefunded:"The money of this sale was given back.",waitsForCustomer:"The customer has to confirm in the wallet app.",pressNext:"Next sale",pressScan:"Scan the next code",pressAgain:"Send again",pressAsk:"Ask again",pressReverse:"Reverse",pressSecond:"A second purchase: charge again",pressRenumber:"Same amount, new order",pressCancel:"Give up this sale",pressSamePurchase:"Same purchase: take nothing",pressKey:"Enter another key",reverseSure:"Reverse {value}?",reverseYes:"Yes, reverse it",reverseNo:"No, leave it",inSeconds:"in {value} s",asksInSeconds:"The till asks again in {value} s.",forSupport:"For your support",offline:"No network. Nothing can be paid until it is back; no sale is lost.",listTitle:"Today at this till",listEmpty:"No sale yet today.",listRefresh:"Ask the server",listOpen:"Today",listBack:"Back to the sale",listFailed:"The server did not answer: this is what the till knows itself.",listOrder:"Order",listTime:"Time",listState:"State",stateOpen:"not sent",stateUnknown:"not known",stateWaiting:"under way",stateUnpaid:"not paid",statePaid:"paid",stateReversed:"reversed",stateClosed:"ended",stateRefunded:"refunded"},et={title:"收银台",testMode:"测试：无真实款项，请勿交付商品",setupTitle:"开启收银台",keyLabel:"商户密钥",keyHint:"以 ock_ 开头。仅保留到关闭本标签页为止，收银台不会将其写入文件。",keyWrongForm:"这不是商户密钥：密钥以 ock_test_ 或 ock_live_ 开头。",keyRefused:"服务器不认识此密钥，请输入其他密钥。",keyNotMerchant:"这不是商户的密钥，请输入本店的密钥。",keyNotChecked:"服务器没有回应。请检查网络后重试。",terminalLabel:"本收银台名称",terminalHint:"例如 till-3：字母、数字和符号，不含空格，可留空。",terminalWrong:"最多 64 个字母、数字或符号，不含空格。",currencyLabel:"币种",openTill:"开启",lock:"锁定收银台",sound:"声音",language:"语言",storageFails:"此浏览器无法保存订单，因此未发送任何请求，以免丢失交易。请退出无痕模式，或清理磁盘空间。",otherTab:"收银台已在此浏览器的另一个标签页或窗口中打开。请使用该页面；将其关闭后，收银台会在此开启。",takeOver:"重试",amountTitle:"金额",keyBack:"删除最后一位",keyClear:"清除",charge:"收款 {value}",amountTooLong:"位数过多",chargeNothing:"请输入金额",chargeFirst:"扫到了付款码，但未收款。请先按“收款”，再扫码。",scanTitle:"请扫描顾客的付款码",scanHint:"使用扫码枪或摄像头，或输入数字。",cameraOn:"用摄像头扫码",cameraOff:"关闭摄像头",cameraStarts:"正在启动摄像头…",cameraLooks:"请将付款码对准取景框。",cameraView:"摄像头画面",cameraDenied:"浏览器不允许本页使用摄像头。请在地址栏旁允许，或使用扫码枪。",cameraMissing:"未找到摄像头。请使用扫码枪，或输入数字。",cameraFails:"摄像头无法使用。请使用扫码枪，或输入数字。",digitsLabel:"付款码数字",digitsPay:"用此数字付款",notACode:"这不是付款码：付款码为 16 至 24 位数字。请让顾客打开付款码页面。",notDigits:"扫码枪输入的是字母或符号而非数字。请将其键盘语言设为与本设备一致。",sameCode:"这是刚才被拒绝的付款码。请等待手机显示下一个付款码。",scannerAdds:"扫码枪在付款码上附加了字符（{value}），收银台已将其去除。请用扫码枪手册中的设置码将其关闭。",notNow:"扫到了付款码，但未作任何处理。请先按此处显示的按钮。",busyPay:"请稍候…",busyAsk:"正在查询…",busyReverse:"正在撤销…",busyHint:"请暂勿交付商品。",paid:"已付款",notPaid:"未付款",notKnown:"结果未知",waiting:"请等待",reversing:"撤销中",reversed:"已撤销",askCustomer:"请询问顾客",orderOver:"订单已结束",tillProblem:"无法操作",paidTest:"测试：已付款",notePaid:"可以交付商品。",notePaidTest:"这是测试，没有真实款项，请勿交付商品。",noteNoAnswer:"没有收到回应。请暂勿交付商品，并按“再次发送”：同一笔交易绝不会重复扣款。",noteNoAnswerScan:"尚不知道这笔交易是否已付款。请暂勿交付商品，并再次查询；同一笔交易绝不会重复扣款。",noteNoAnswerAsked:"没有收到回应。请暂勿交付商品，并再次查询。",noteNoAnswerReversed:"没有收到回应，尚不知道是否已撤销。请再次按“撤销”，重复撤销是安全的。",noteDeclined:"付款被拒绝。请扫描新的付款码，或改用其他收款方式。",noteReversed:"这笔交易不收款。如有扣款，将退回顾客。",noteReversing:"这笔交易正在撤销，请勿交付商品。",noteUnderWay:"付款结果尚未确定，请勿交付商品，收银台将自动查询。",noteRefunded:"这笔交易的款项已退回。",waitsForCustomer:"需要顾客在钱包应用中确认。",pressNext:"下一笔",pressScan:"扫描下一个付款码",pressAgain:"再次发送",pressAsk:"再次查询",pressReverse:"撤销",pressSecond:"另一笔消费：再次收款",pressRenumber:"同金额，新订单",pressCancel:"放弃这笔交易",pressSamePurchase:"同一笔消费：不再收款",pressKey:"输入其他密钥",reverseSure:"确定撤销 {value}？",reverseYes:"确定撤销",reverseNo:"不撤销",inSeconds:"{value} 秒后",asksInSeconds:"{value} 秒后自动查询。",forSupport:"技术支持信息",offline:"没有网络，恢复前无法收款；交易不会丢失。",listTitle:"本收银台今日订单",listEmpty:"今日暂无订单。",listRefresh:"从服务器更新",listOpen:"今日",listBack:"返回收款",listFailed:"服务器没有回应：以下为收银台自己的记录。",listOrder:"订单",listTime:"时间",listState:"状态",stateOpen:"未发送",stateUnknown:"结果未知",stateWaiting:"处理中",stateUnpaid:"未付款",statePaid:"已付款",stateReversed:"已撤销",stateClosed:"已结束",stateRefunded:"已退款"},de={en:Qe,zh:et};function pe(e){let{desk:t}=e,n={...e,t:K(de,t.language)},{t:s}=n;return i`
    <header>
      ${nt(n)}
      ${t.isTest&&t.screen!=="setup"&&i`
        <p class="test">${s("testMode")}</p>
      `}
      ${t.isOffline&&i`
        <p class="note warn" role="alert">${s("offline")}</p>
      `}
    </header>
    <main>${tt(n)}</main>
    <p class="spoken" role="status" aria-live="assertive">${wt(n)}</p>
  `}function tt(e){let{desk:t,t:n}=e;switch(t.screen){case"setup":return st(e);case"list":return gt(e);case"otherTab":return i`
        <h1>${n("title")}</h1>
        <p class="note warn" role="alert">${n("otherTab")}</p>
      `;case"storageFails":return i`
        <h1>${n("title")}</h1>
        <p class="note bad" role="alert">${n("storageFails")}</p>
        <button class="main" onClick=${()=>location.reload()}>
          ${n("takeOver")}
        </button>
      `;case"sale":return rt(e)}}function nt({desk:e,t}){let n=e.screen==="sale"||e.screen==="list",s=e.sale.phase==="busy",{hasSound:r,terminalId:a}=e.settings;return i`
    <div class="bar">
      <b class="name">${a||t("title")}</b>
      ${n&&i`
        <button onClick=${()=>e.screen==="list"?e.showSale():e.showList()}>
          ${e.screen==="list"?t("listBack"):t("listOpen")}
        </button>
        <button aria-pressed=${r}
          onClick=${()=>e.change({hasSound:!r})}>
          ${m(r?"sound":"silent")}
          <span class="spoken">${t("sound")}</span>
        </button>
      `}
      <select aria-label=${t("language")} onChange=${o=>e.speak(he(o))}>
        ${_.map(o=>i`
            <option value=${o} lang=${o} selected=${o===e.language}>
              ${F[o]}
            </option>
          `)}
      </select>
      ${n&&i`
        <button disabled=${s} onClick=${()=>e.lock()}>
          ${m("lock")}<span class="spoken">${t("lock")}</span>
        </button>
      `}
    </div>
  `}function he(e){let t=e.currentTarget;return t.blur(),t.value}function st({desk:e,t}){let{terminalId:n,currency:s,hasSound:r}=e.settings;return i`
    <form class="setup" onSubmit=${o=>{o.preventDefault();let d=o.currentTarget,c=u=>d.elements.namedItem(u).value.trim();e.open(c("key"),{terminalId:c("terminal"),currency:c("currency"),hasSound:r})}}>
      <h1>${t("setupTitle")}</h1>
      ${e.setupFault!==null&&i`
        <p class="note bad" role="alert">${t(e.setupFault)}</p>
      `}
      <label for="key">${t("keyLabel")}</label>
      <input id="key" name="key" type="password" required autocomplete="off"
        autocapitalize="off" spellcheck=${!1} aria-describedby="key-hint" />
      <p id="key-hint" class="soft">${t("keyHint")}</p>
      <label for="terminal">${t("terminalLabel")}</label>
      <input id="terminal" name="terminal" value=${n} maxlength="64"
        autocomplete="off" spellcheck=${!1} aria-describedby="till-hint" />
      <p id="till-hint" class="soft">${t("terminalHint")}</p>
      <label for="currency">${t("currencyLabel")}</label>
      <select id="currency" name="currency">${me(s)}</select>
      <button class="main" aria-disabled=${e.isChecking}>
        ${e.isChecking?t("busyPay"):t("openTill")}
      </button>
    </form>
  `}function me(e){return j.map(t=>i`
      <option value=${t} selected=${t===e}>${t}</option>
    `)}function rt(e){let{desk:t}=e;if(t.toReverse!==null)return yt(e,t.toReverse);let{phase:n,asked:s,verdict:r}=t.sale;switch(n){case"amount":return ot(e);case"scan":return it(e);case"busy":return s==="ask"&&r!==null?ce(e):ct(e);case"result":return ce(e)}}var at=["1","2","3","4","5","6","7","8","9","00","0","back"],E=e=>e.preventDefault();function ot({desk:e,t}){let{digits:n,currency:s}=e.sale,r=b(n),a=n!==""&&r===null;return i`
    <section class="amount">
      <h1 id="focus" tabindex="-1">${t("amountTitle")}</h1>
      <div class="display">
        <output class=${r===null?"money soft":"money"}>
          ${a?t("amountTooLong"):P(r??0,s)}
        </output>
        <select aria-label=${t("currencyLabel")} onChange=${o=>e.change({currency:he(o)})}>${me(s)}</select>
      </div>
      ${R({desk:e,t})}
      <div class="keypad">
        ${at.map(o=>i`
            <button onMouseDown=${E} onClick=${()=>e.type(o)}>
              ${o==="back"?i`${m("back")}<span class="spoken">${t("keyBack")}</span>`:o}
            </button>
          `)}
      </div>
      <div class="row">
        <button onMouseDown=${E} onClick=${()=>e.type("clear")}>
          ${t("keyClear")}
        </button>
        <button class="main wide" disabled=${r===null}
          onMouseDown=${E} onClick=${()=>e.charge()}>
          ${r===null?t("chargeNothing"):t("charge",{value:p(r,s)})}
        </button>
      </div>
    </section>
  `}function it(e){let{desk:t,t:n}=e,s=t.sale.order,r=a=>{a.preventDefault(),t.typedCode!==""&&t.read(t.typedCode,"entered")};return i`
    <section class="scan">
      <p class="money">${p(s.amountMinor,s.currency)}</p>
      <h1 id="focus" tabindex="-1">${n("scanTitle")}</h1>
      ${R(e)}
      ${t.wantsCamera?lt(e):i`
        <p class="soft">${n("scanHint")}</p>
        <button class="main wide" onClick=${()=>t.useCamera(!0)}>
          ${m("camera")} ${n("cameraOn")}
        </button>
      `}
      <form class="digits" onSubmit=${r}>
        <label for="digits">${n("digitsLabel")}</label>
        <div class="row">
          <input id="digits" inputmode="numeric" autocomplete="off"
            maxlength="64" value=${t.typedCode} onInput=${a=>t.typeCode(a.currentTarget.value)} />
          <button disabled=${t.typedCode===""}>${n("digitsPay")}</button>
        </div>
      </form>
      <button onClick=${()=>t.press("cancel")}>${n("pressCancel")}</button>
    </section>
  `}function lt({desk:e,t,setVideo:n}){let s=dt[e.camera];return i`
    ${s!==void 0&&i`
      <p class="note warn" role="alert">${t(s)}</p>
    `}
    <div class="picture" hidden=${s!==void 0}>
      <video ref=${n} muted playsinline aria-label=${t("cameraView")}></video>
      <p>${t(e.camera==="on"?"cameraLooks":"cameraStarts")}</p>
    </div>
    <button class="wide" onClick=${()=>e.useCamera(!1)}>
      ${t("cameraOff")}
    </button>
  `}var dt={denied:"cameraDenied",missing:"cameraMissing",fails:"cameraFails"};function R({desk:e,t}){if(e.notice===null)return null;let{text:n,value:s=""}=e.notice;return i`<p class="note warn" role="alert">${t(n,{value:s})}</p>`}function ct({desk:e,t}){let{asked:n,order:s}=e.sale;return i`
    <section class="result busy" aria-busy="true">
      <div class="picture-of">${m("busy")}</div>
      <h1 id="focus" tabindex="-1">${t(ut[n])}</h1>
      <p class="money">${p(s.amountMinor,s.currency)}</p>
      <p>${t("busyHint")}</p>
    </section>
  `}var ut={pay:"busyPay",ask:"busyAsk",reverse:"busyReverse"},pt={paid:"yes",notPaid:"no",notKnown:"question",waiting:"busy",reversing:"busy",reversed:"undo",askCustomer:"talk",orderOver:"stop",tillProblem:"no"};function ce(e){let{desk:t,t:n}=e,{order:s,phase:r}=t.sale,a=t.sale.verdict,{headline:o}=a,d=o==="paid"&&a.isTest,[c,...u]=h(t.sale);return i`
    <section class=${`result ${o} ${d?"of-test":""}`}>
      <div class="picture-of">${m(pt[o])}</div>
      <h1 id="focus" tabindex="-1">${n(d?"paidTest":o)}</h1>
      <p class="money">${p(s.amountMinor,s.currency)}</p>
      ${ye(e,a).map($=>i`<p class="says">${$}</p>`)}
      ${t.askSeconds>0&&i`
        <p class="soft-there">
          ${n("asksInSeconds",{value:t.askSeconds})}
        </p>
      `}
    </section>
    ${R(e)}
    <div class="presses">
      ${ue(e,c,!0,r==="busy")}
      ${u.map($=>ue(e,$,!1,r==="busy"))}
    </div>
    <details>
      <summary>${n("forSupport")}</summary>
      <p class="support">${s.orderId}</p>
      ${a.code!==void 0&&i`
        <p class="support">${a.code}</p>
      `}
      ${a.detail!==void 0&&i`
        <p class="support" lang="en">${a.detail}</p>
      `}
      ${a.instance!==void 0&&i`
        <p class="support">${a.instance}</p>
      `}
    </details>
  `}function ye({desk:e,t},n){let{note:s,says:r,headline:a,isTest:o,waitsFor:d}=n,c=[];return a==="paid"&&c.push(t(o?"notePaidTest":"notePaid")),r!==void 0?c.push(r[e.language]):s==="noAnswer"&&!h(e.sale).includes("again")?c.push(t("noteNoAnswerScan")):s!==void 0&&c.push(t(ht[s])),d==="customer"&&c.push(t("waitsForCustomer")),c}var ht={noAnswer:"noteNoAnswer",noAnswerAsked:"noteNoAnswerAsked",noAnswerReversed:"noteNoAnswerReversed",declined:"noteDeclined",reversed:"noteReversed",reversing:"noteReversing",underWay:"noteUnderWay",refunded:"noteRefunded"},mt={next:"pressNext",scan:"pressScan",again:"pressAgain",ask:"pressAsk",reverse:"pressReverse",second:"pressSecond",renumber:"pressRenumber",cancel:"pressCancel",key:"pressKey"};function ue({desk:e,t},n,s,r){let o=n==="scan"||n==="again"?e.waitSeconds:0,d=n==="cancel"&&e.sale.verdict.headline==="askCustomer";return i`
    <button class=${s?"main first":""} key=${n}
      aria-disabled=${r||!e.isArmed||o>0}
      onClick=${()=>e.press(n)}>
      ${t(d?"pressSamePurchase":mt[n])}
      ${o>0?` (${t("inSeconds",{value:o})})`:""}
    </button>
  `}function yt({desk:e,t},n){let s=p(n.amountMinor,n.currency);return i`
    <section class="result askCustomer">
      <div class="picture-of">${m("undo")}</div>
      <h1 id="focus" tabindex="-1">${t("reverseSure",{value:s})}</h1>
      <p class="support">${n.orderId}</p>
    </section>
    <div class="presses">
      <button class="main first" onClick=${()=>e.reverseSurely(!1)}>
        ${t("reverseNo")}
      </button>
      <button onClick=${()=>e.reverseSurely(!0)}>
        ${t("reverseYes")}
      </button>
    </div>
  `}var ft={open:"stateOpen",unknown:"stateUnknown",waiting:"stateWaiting",unpaid:"stateUnpaid",paid:"statePaid",reversed:"stateReversed",closed:"stateClosed",refunded:"stateRefunded"};function gt({desk:e,t}){let n=e.today;return i`
    <h1 id="focus" tabindex="-1">${t("listTitle")}</h1>
    ${e.listFails&&i`
      <p class="note warn" role="alert">${t("listFailed")}</p>
    `}
    ${n.length===0&&i`<p>${t("listEmpty")}</p>`}
    <ul class="orders">
      ${n.map(({order:s,state:r,description:a})=>i`
          <li key=${s.orderId} class=${r}>
            <b class="money">${p(s.amountMinor,s.currency)}</b>
            <span class="state">${t(ft[r])}</span>
            <time>${vt(s.createdMs,e)}</time>
            ${a!==void 0&&i`<q>${a}</q>`}
            <small class="support">${s.orderId}</small>
            <div class="row">
              <button onClick=${()=>e.look(s,"ask")}>
                ${t("pressAsk")}
              </button>
              ${r!=="reversed"&&r!=="refunded"&&i`
                <button onClick=${()=>e.look(s,"reverse")}>
                  ${t("pressReverse")}
                </button>
              `}
            </div>
          </li>
        `)}
    </ul>
    <button onClick=${()=>e.refreshList()}>${t("listRefresh")}</button>
  `}function vt(e,{language:t}){return new Intl.DateTimeFormat(t,{hour:"2-digit",minute:"2-digit",hourCycle:"h23"}).format(e)}function wt(e){let{desk:t,t:n}=e,{phase:s,verdict:r}=t.sale;if(t.screen!=="sale"||s!=="result"||r===null)return"";let a=r.headline==="paid"&&r.isTest;return[n(a?"paidTest":r.headline),...ye(e,r)].join(". ")}var St={yes:"M3 13l6 6L21 5",no:"M5 5l14 14M19 5L5 19",question:"M7 8a5 5 0 1 1 7 4.6c-1.5.7-2 1.4-2 3M12 20v.5",busy:"M6 3h12M6 21h12M7 3c0 6 5 6 5 9s-5 3-5 9M17 3c0 6-5 6-5 9s5 3 5 9",undo:"M9 4L4 9l5 5M4 9h10a6 6 0 0 1 0 12h-3",talk:"M3 5h18v11H11l-5 5v-5H3zM8 10.5h8",stop:"M7 3h10l4 4v10l-4 4H7l-4-4V7zM8 12h8",back:"M9 5h12v14H9l-6-7zM12 9l5 6M17 9l-5 6",camera:"M3 7h4l2-3h6l2 3h4v13H3zM12 17a4 4 0 1 0 0-8 4 4 0 0 0 0 8",sound:"M4 9v6h4l5 4V5L8 9zM16 9c1.5 2 1.5 4 0 6M19 6c3 4 3 8 0 12",silent:"M4 9v6h4l5 4V5L8 9zM16 9l5 6M21 9l-5 6",lock:"M5 11h14v10H5zM8 11V8a4 4 0 0 1 8 0v3"};function m(e){return i`
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d=${St[e]} />
    </svg>
  `}var A=class{#n=[];#e=-1/0;push(t,n){let s=n-this.#e>90?this.#t():[];if(this.#e=n,t==="Enter"||t==="Tab")return this.#n.length>=8?{typed:[...s,...this.#t()],isPartOfScan:!0}:{typed:[...s,...this.#t(),{kind:"keys",keys:[t]}],isPartOfScan:!1};let r=[...t].length===1?t:null;return r===null?t==="Shift"?{typed:s,isPartOfScan:!1}:{typed:[...s,...this.#t(),{kind:"keys",keys:[t]}],isPartOfScan:!1}:(this.#n.length<256&&this.#n.push(r),{typed:s,isPartOfScan:this.#n.length>1})}flush(){return this.#t()}#t(){let t=this.#n;return this.#n=[],t.length===0?[]:t.length>=8?[{kind:"scan",text:t.join("")}]:[{kind:"keys",keys:t}]}};var kt=200,be=H();U(be);var N=!1,fe="";function Tt(){N||(N=!0,queueMicrotask(()=>{N=!1,L(pe({desk:l,setVideo:Ct}),document.body);let{screen:e,sale:t,toReverse:n}=l,s=`${e} ${t.phase} ${t.verdict?.headline} ${n!==null}`;if(s===fe)return;fe=s,(document.querySelector("button.first")??document.querySelector("#focus"))?.focus()}))}var x=null,I=null;async function Ct(e){if(e===I||(I=e,x?.stop(),x=null,e===null))return;l.setCamera("starting");let t=await Z(e,s=>l.read(s,"camera")),n=I===e;typeof t=="string"?n&&l.setCamera(t):n?(x=t,l.setCamera("on")):t.stop()}var ge=new A,ve;function ke(e){return e instanceof HTMLInputElement||e instanceof HTMLSelectElement}function we(){return document.activeElement instanceof HTMLButtonElement}function At(e){let{phase:t}=l.sale;if(!(l.screen!=="sale"||l.toReverse!==null)){if(t==="amount")/^\d$/.test(e)?l.type(e):e==="Backspace"?l.type("back"):e==="Delete"||e==="Escape"?l.type("clear"):e==="Enter"&&!we()&&l.charge();else if(t==="scan"){let{typedCode:n}=l;/^\d$/.test(e)?l.typeCode(n+e):e==="Backspace"?l.typeCode(n.slice(0,-1)):e==="Enter"&&n!==""&&!we()&&l.read(n,"entered")}}}function Se(e){for(let t of e)t.kind==="scan"?l.read(t.text,"scanner"):t.keys.forEach(At)}function $t(e){if(ke(e.target)||e.altKey||e.metaKey)return;if(e.repeat&&e.key==="Enter")return e.preventDefault();if(e.ctrlKey&&e.key!=="]")return;let t=e.ctrlKey?"":e.key,{typed:n,isPartOfScan:s}=ge.push(t,e.timeStamp);s&&(e.preventDefault(),e.stopPropagation()),Se(n),clearTimeout(ve),ve=setTimeout(()=>Se(ge.flush()),90)}function Pt(e){ke(e.target)||l.screen!=="sale"||l.read(e.clipboardData?.getData("text").trim()??"","entered")}function Ot(){return navigator.locks===void 0?Promise.resolve():new Promise(e=>{navigator.locks.request("offcode-till",()=>(e(),new Promise(()=>{})))})}var Mt=500;async function Dt(){let e=setTimeout(()=>l.stop("otherTab"),Mt);await Ot(),clearTimeout(e);try{l.start(await C.open(y.nowMs()))}catch{return l.stop("storageFails")}document.addEventListener("keydown",$t,{capture:!0}),document.addEventListener("paste",Pt),addEventListener("online",()=>l.setOffline(!1)),addEventListener("offline",()=>l.setOffline(!0)),setInterval(()=>l.tick(),kt)}var l=new T(be,Tt);await Dt();
