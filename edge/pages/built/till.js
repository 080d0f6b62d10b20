import{a as V}from"./chunk-YQJH4ZDN.js";import{b as q,d as Z}from"./chunk-7ZJFGXV4.js";import{b as _,c as F,e as K,f as H,g as B,h as U,i as G,j as i,k as y,l as W,m as Y}from"./chunk-YGQE3V7X.js";import"./chunk-SQE76S5B.js";var z=["qr_code","code_128"];var b;async function j(){let t=globalThis.BarcodeDetector,e=await t?.getSupportedFormats().catch(()=>[])??[];if(t!==void 0&&z.every(o=>e.includes(o))){let o=new t({formats:z});return async d=>(await o.detect(d)).map(c=>c.rawValue)}let{loadZxing:n}=await import("./zxing-MFG6XZDT.js"),s=await n(),r=document.createElement("canvas"),a=r.getContext("2d",{willReadFrequently:!0});return o=>{let{videoWidth:d,videoHeight:c}=o,u=Math.min(1,1280/Math.max(d,c));return r.width=Math.round(d*u),r.height=Math.round(c*u),a.drawImage(o,0,0,r.width,r.height),s(a.getImageData(0,0,r.width,r.height))}}async function X(){try{(await navigator.mediaDevices.enumerateDevices()).some(({kind:e})=>e==="videoinput")&&await(b??=j())}catch{b=void 0}}function Pe(t){let e=t instanceof DOMException?t.name:"";return e==="NotAllowedError"||e==="SecurityError"?"denied":e==="NotFoundError"||e==="OverconstrainedError"?"missing":"fails"}async function J(t,e){if(navigator.mediaDevices===void 0)return"missing";let n,s;try{n=await navigator.mediaDevices.getUserMedia({audio:!1,video:{facingMode:"environment",width:{ideal:1280},height:{ideal:720}}}),t.srcObject=n,await t.play(),s=await(b??=j())}catch(o){return b=void 0,n?.getTracks().forEach(d=>d.stop()),Pe(o)}let r=!0,a=async()=>{if(r){if(t.videoWidth>0)for(let o of await s(t).catch(()=>[]))r&&e(o);r&&setTimeout(a,60)}};return a(),{stop(){r=!1,n.getTracks().forEach(o=>o.stop()),t.srcObject=null}}}var Oe=[["TAB",/\t/g],["CR",/\r/g],["LF",/\n/g],["GS (FNC1)",/\x1d/g],["spaces",/\p{Zs}/gu],["other control characters",/\p{Cc}/gu],["invisible characters such as U+FEFF or U+200B",/[\p{Cf}\p{Zl}\p{Zp}]/gu],["an AIM symbology identifier such as ]C1",/^\][A-Za-z][0-9A-Za-z]/]];function Q(t){let e=t,n=[];for(let[s,r]of Oe){let a=e.replace(r,"");a!==e&&n.push(s),e=a}return q(e)?{code:e,added:n}:null}async function f(t,e,n,s){try{let r=await V(t,e,n,s),a=await r.json();if(typeof a!="object"||a===null)return null;let o=Number(r.headers.get("retry-after")??NaN);return{status:r.status,body:a,...Number.isInteger(o)&&{retryAfterSeconds:o}}}catch{return null}}var Me=({orderId:t})=>`/v1/payments?order_id=${encodeURIComponent(t)}`;function ee(t,e){let{asked:n,order:s,code:r}=e;switch(n){case"pay":return f(t,"POST","/v1/payments",{code:r,order_id:s.orderId,amount_minor:s.amountMinor,currency:s.currency,...s.terminalId!==""&&{terminal_id:s.terminalId},...s.isSecondPurchase&&{second_purchase:!0}});case"ask":return f(t,"GET",Me(s));case"reverse":return f(t,"POST","/v1/reversals",{order_id:s.orderId})}}var De=10;async function te(t,e,n){let s=[],r;for(let a=0;a<De;a++){let o=new URLSearchParams({from:new Date(n).toISOString(),limit:"100",...e!==""&&{terminal_id:e},...r!==void 0&&{cursor:r}}),d=await f(t,"GET",`/v1/payments?${o}`);if(d?.status!==200)return null;let{payments:c,cursor:u}=d.body;if(!Array.isArray(c))return null;if(s.push(...c),u===void 0)break;r=u}return s}var ne="EUR CNY USD GBP JPY HKD AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB FJD FKP GEL GHS GIP GMD GNF GTQ GYD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG".split(" "),se=11;function re(t,e){return e==="clear"?"":e==="back"?t.slice(0,-1):(t+e).replace(/^0+/,"").slice(0,se+1)}function k(t){return t===""||t.length>se?null:Number(t)}function M(t,e){let n=Y(e),s=`${t}`.padStart(n+1,"0"),r=s.slice(0,s.length-n).replace(/\B(?=(\d{3})+$)/g,",");return n===0?r:`${r}.${s.slice(-n)}`}function p(t,e){return`${M(t,e)} ${e}`}function oe(t,e,n){if(n===null)return T(t);let{status:s,body:r}=n,a={isTest:r.mode==="test",...typeof r.waits_for=="string"&&{waitsFor:r.waits_for},...xe(r.cashier)&&{says:r.cashier}};if(s===200||s===201){if(r.order_id!==e)return T(t);let o=Ee(t,r);return o===null?T(t):{...a,...o}}return typeof r.code!="string"?T(t):{...a,...a.says===void 0&&{note:"noAnswer"},...Ne(t,n),...typeof r.detail=="string"&&{detail:r.detail},...typeof r.instance=="string"&&{instance:r.instance},code:r.code}}function T(t){let e={headline:"notKnown",isTest:!1};switch(t){case"pay":return{...e,note:"noAnswer",presses:["again","ask","reverse"],state:"unknown"};case"ask":return{...e,note:"noAnswerAsked",presses:["ask","again","reverse"],askInSeconds:5};case"reverse":return{...e,note:"noAnswerReversed",presses:["reverse","ask"]}}}function Ee(t,e){switch(e.status){case"succeeded":return{headline:"paid",presses:["next","reverse"],state:"paid"};case"processing":case"awaiting_confirmation":return t==="ask"?ae(e,"waiting","underWay"):null;case"reversing":return ae(e,"reversing","reversing");case"reversed":return{headline:"reversed",note:"reversed",presses:["next","renumber"],state:"reversed"};case"declined":return t==="ask"?{headline:"notPaid",note:"declined",presses:["scan","cancel"],state:"unpaid"}:null;case"refunded":return{headline:"orderOver",note:"refunded",presses:["next"],state:"closed"};default:return null}}function ae(t,e,n){return{headline:e,note:n,presses:e==="waiting"?["ask","reverse"]:["ask"],askInSeconds:t.next_query_seconds??5,state:"waiting"}}function Re(t){switch(t){case"looks-like-double-scan":return{headline:"askCustomer",presses:["cancel","second"],state:"unpaid"};case"order-paid-earlier":case"order-conflict":case"order-refunded":return{headline:"orderOver",presses:["renumber","next"],state:"closed"};case"payment-reversed":return{headline:"reversed",presses:["next","renumber"],state:"reversed"};case"reversal-too-late":return{headline:"orderOver",presses:["next","ask"]};case"not-authenticated":case"forbidden":return{headline:"tillProblem",presses:["key"]};default:return null}}function Ne(t,e){let{body:n,retryAfterSeconds:s}=e,r=Re(n.code);if(r!==null)return r;let a=s===void 0?{}:{waitSeconds:s},o=n.next_query_seconds===void 0?{}:{askInSeconds:n.next_query_seconds,state:"waiting"};switch(n.retry){case"new-code":return{headline:"notPaid",presses:["scan","cancel"],state:"unpaid"};case"later":return{headline:"notPaid",presses:["scan","cancel"],...a,state:"unpaid"};case"query":return n.code==="not-found"?{headline:"notKnown",presses:["again","ask","reverse"]}:{headline:"waiting",presses:["ask","reverse"],...o};case"same-order":return{headline:t==="reverse"?"reversing":"notKnown",presses:t==="reverse"?["reverse","ask"]:t==="ask"?["ask","again","reverse"]:["again","ask","reverse"],...a,...t==="pay"&&{state:"unknown"},...o};case"never":return{headline:"tillProblem",presses:["cancel","key"]};default:return{headline:"notKnown",presses:["ask","reverse"]}}}function xe(t){let e=t;return typeof e?.en=="string"&&typeof e.zh=="string"}function v(t){return{phase:"amount",digits:"",currency:t,order:null,code:null,refusedCode:null,verdict:null,asked:null,wasInDoubt:!1,calls:0}}function S(t){return t.isInDoubt||t.state==="waiting"}function D({phase:t,order:e}){return t==="amount"||t==="result"&&e!==null&&!S(e)}function h({verdict:t,code:e,order:n}){return t===null||n===null?[]:t.presses.map(s=>s==="again"&&e===null?"scan":s)}function E(t){return t.phase==="scan"||t.phase==="result"&&h(t).includes("scan")}function le(t,e){switch(e.type){case"key":return t.phase!=="amount"?{sale:t}:{sale:{...t,digits:re(t.digits,e.key)}};case"currency":return t.phase!=="amount"?{sale:t}:{sale:{...t,currency:e.currency}};case"charge":return Le(t,e.fresh);case"scanned":return E(t)?Ie(t,e.code):{sale:t};case"press":return _e(t,e.press,e.fresh);case"answered":return Ke(t,e.number,e.answer);case"open":return D(t)?g({...t,order:e.order,code:null,refusedCode:null},e.ask):{sale:t};case"resume":return t.phase!=="amount"?{sale:t}:{sale:{...t,phase:"scan",order:e.order}}}}function Le(t,e){let n=t.phase==="amount"?k(t.digits):null;return n===null?{sale:t}:de(t,n,t.currency,e)}function de(t,e,n,{orderId:s,terminalId:r,nowMs:a}){let o={orderId:s,amountMinor:e,currency:n,terminalId:r,createdMs:a,state:"open",isInDoubt:!1,isSecondPurchase:!1,isTest:!1,isLeft:!1};return{sale:{...t,phase:"scan",digits:"",order:o,code:null,refusedCode:null,verdict:null},save:o}}function Ie(t,e){return g({...t,code:e},"pay")}function g(t,e){let n=e==="ask"?t.order:{...t.order,isInDoubt:!0},s=t.calls+1,r=t.order.isInDoubt;return{sale:{...t,phase:"busy",asked:e,order:n,wasInDoubt:r,calls:s},save:n,call:{asked:e,number:s,order:n,...e==="pay"&&{code:t.code}}}}function _e(t,e,n){let{order:s,phase:r}=t;if(r==="scan"&&e==="cancel")return ie(t);if(r!=="result"||!h(t).includes(e))return{sale:t};switch(e){case"next":return{sale:{...v(t.currency),calls:t.calls},save:{...s,isLeft:!0}};case"scan":return{sale:{...t,phase:"scan",refusedCode:t.code}};case"again":return g(t,"pay");case"ask":case"reverse":return g(t,e);case"second":{let a={...t,order:{...s,isSecondPurchase:!0}};return t.code===null?{sale:{...a,phase:"scan"},save:a.order}:g(a,"pay")}case"renumber":return de(t,s.amountMinor,s.currency,n);case"cancel":return ie(t);case"key":return{sale:t}}}function ie(t){return S(t.order)?g(t,"reverse"):{sale:{...v(t.currency),calls:t.calls},save:{...t.order,state:"closed",isLeft:!0}}}var Fe=["paid","reversed","closed"];function Ke(t,e,n){if(t.phase!=="busy"||e!==t.calls)return{sale:t};let s=t.asked,r=t.order,a=oe(s,r.orderId,n),{headline:o,state:d=r.state}=a,c=Fe.includes(d)&&a.state!==void 0,u={...r,state:d,isInDoubt:!c&&(t.wasInDoubt||s!=="ask"&&He.includes(o)),isTest:r.isTest||a.isTest};return{sale:{...t,phase:"result",asked:null,order:u,verdict:a},save:u}}var He=["notKnown","waiting","reversing"];var Be=[[880,0,.12],[1320,.13,.4]],Ue=[[220,0,.25],[165,.3,.7]],Ge=[[587,0,.1],[587,.18,.28],[587,.36,.46]];function ce(t){switch(t){case"paid":return Be;case"waiting":case"reversing":return[];case"notPaid":case"tillProblem":return Ue;default:return Ge}}var w;function ue(t){if(t.length===0)return;w??=new AudioContext,w.resume().catch(()=>{});let e=w.currentTime+.02;for(let[n,s,r]of t){let a=new OscillatorNode(w,{frequency:n,type:n<300?"square":"sine"}),o=new GainNode(w,{gain:0});a.connect(o).connect(w.destination),o.gain.setValueAtTime(0,e+s),o.gain.linearRampToValueAtTime(.3,e+s+.01),o.gain.setValueAtTime(.3,e+r-.03),o.gain.linearRampToValueAtTime(0,e+r),a.start(e+s),a.stop(e+r)}}var Ve=/^ock_(test|live)_[\w-]{20,200}$/,We=/^[!-~]{0,64}$/,R="offcode.till.key",pe="offcode.till.settings",Ye=400,qe={succeeded:"paid",declined:"unpaid",reversing:"waiting",reversed:"reversed",refunded:"refunded"};function Ze(t,e,n){let s=qe[t.status]??"unknown";return{order:e??{orderId:t.order_id,amountMinor:t.amount_minor,currency:t.currency,terminalId:n,createdMs:Date.parse(t.created_at),state:s==="refunded"?"closed":s,isInDoubt:!1,isSecondPurchase:!1,isTest:!1,isLeft:!0},state:s,...t.description!==void 0&&{description:t.description}}}function ze(){let t={terminalId:"",currency:"EUR",hasSound:!0};try{let e=JSON.parse(localStorage.getItem(pe)??"{}");return{...t,...e}}catch{return t}}var je="0123456789ABCDEFGHJKMNPQRSTVWXYZ";function Xe(t,e){let n=new Date(e).toISOString().replace(/\D/g,"").slice(2,14),s=[...W.bytes(8)].map(r=>je[r%32]).join("");return`${t.slice(0,32)||"till"}-${n}-${s}`}var C=class{screen="setup";sale;settings=ze();notice=null;setupFault=null;isChecking=!1;wantsCamera=!1;camera="off";typedCode="";toReverse=null;listed=null;listFails=!1;isOffline=!navigator.onLine;language;#n=null;#e;#t=sessionStorage.getItem(R);#i=0;#u=0;#l="";constructor(e,n){this.#e=n,this.language=e,this.sale=v(this.settings.currency)}stop(e){this.#r(e)}start(e){if(this.#n=e,this.#t===null)return this.#r("setup");this.#r("sale"),this.#d(!0)}get isTest(){return this.#t?.startsWith("ock_test_")??!1}get isArmed(){return performance.now()-this.#u>=Ye}get waitSeconds(){return this.#p(this.sale.verdict?.waitSeconds)}get askSeconds(){return this.#p(this.sale.verdict?.askInSeconds)}#p(e){if(e===void 0||this.sale.phase!=="result")return 0;let n=e*1e3-(performance.now()-this.#i);return Math.max(0,Math.ceil(n/1e3))}async open(e,n){if(this.isChecking)return;if(!Ve.test(e))return this.#o("keyWrongForm");if(!We.test(n.terminalId))return this.#o("terminalWrong");this.isChecking=!0,this.#o(null);let s=await f(e,"GET","/v1/payments?limit=1");if(this.isChecking=!1,s?.status!==200)return this.#o(s?.status===401?"keyRefused":s?.status===403?"keyNotMerchant":"keyNotChecked");this.#t=e,sessionStorage.setItem(R,e),this.change(n),this.listed=null,this.#r("sale"),this.sale.phase==="result"&&h(this.sale).includes("key")&&(this.sale={...v(n.currency),calls:this.sale.calls}),this.#d(!0)}lock(){this.#t=null,sessionStorage.removeItem(R),this.listed=null,this.toReverse=null,this.#r("setup")}change(e){this.settings={...this.settings,...e},localStorage.setItem(pe,JSON.stringify(this.settings)),this.#s({type:"currency",currency:this.settings.currency})}speak(e){this.language=e,U(e),this.#e()}type(e){this.notice=null,this.#s({type:"key",key:e})}charge(){this.notice=null,this.#s({type:"charge",fresh:this.#c()})}press(e){if(!(this.sale.phase==="result"&&!this.isArmed||(e==="scan"||e==="again")&&this.waitSeconds>0)){if(this.notice=null,e==="key")return this.lock();if(e==="reverse"&&this.sale.order?.state==="paid")return this.toReverse=this.sale.order,this.#e();this.#s({type:"press",press:e,fresh:this.#c()}),this.sale.phase==="amount"&&this.#d(!1)}}reverseSurely(e){let n=this.toReverse;if(this.toReverse=null,!e||n===null)return this.#e();this.look(n,"reverse")}look(e,n){if(n==="reverse"&&e.state==="paid"&&this.screen==="list")return this.toReverse=e,this.screen="sale",this.sale={...v(this.settings.currency),calls:this.sale.calls},this.#e();this.#r("sale"),this.#s({type:"open",order:e,ask:n})}read(e,n){let s=Q(e);if(!E(this.sale)||this.screen!=="sale")return n==="camera"?void 0:this.#a(this.screen==="sale"&&this.sale.phase==="amount"?"chargeFirst":"notNow");if(this.waitSeconds>0)return this.#a("notNow");if(s===null){let d=n==="scanner"&&!/\d{4}/.test(e);return this.#a(d?"notDigits":"notACode")}let{refusedCode:r,code:a,phase:o}=this.sale;if(s.code===(o==="result"?a:r))return this.#a("sameCode");this.typedCode="",this.notice=n==="scanner"&&s.added.length>0?{text:"scannerAdds",value:s.added.join(", ")}:null,this.#s({type:"scanned",code:s.code})}typeCode(e){this.typedCode=e,this.#e()}get mayLookAround(){return D(this.sale)}async showList(){this.mayLookAround&&(this.notice=null,this.#r("list"),await this.refreshList())}async refreshList(){if(this.#t===null)return;let{terminalId:e}=this.settings,n=await te(this.#t,e,this.todayMs);this.listFails=n===null,n!==null&&(this.listed=n),this.#e()}showSale(){this.#r("sale")}get todayMs(){return new Date(y.nowMs()).setHours(0,0,0,0)}get today(){let e=new Map((this.#n?.since(this.todayMs)??[]).map(s=>[s.orderId,{order:s,state:s.isInDoubt?"unknown":s.state}])),{terminalId:n}=this.settings;for(let s of this.listed??[]){let r=e.get(s.order_id)?.order;r===void 0&&n===""||e.set(s.order_id,Ze(s,r,n))}return[...e.values()].sort((s,r)=>r.order.createdMs-s.order.createdMs)}setCamera(e){this.camera=e,this.#e()}useCamera(e){this.wantsCamera=e,this.camera="off",this.notice=null,this.#e()}setOffline(e){this.isOffline=e,this.#e()}tick(){if(this.screen!=="sale"||this.sale.phase!=="result")return;let{verdict:e}=this.sale;if(e?.askInSeconds!==void 0&&this.askSeconds===0&&this.toReverse===null)return this.#s({type:"press",press:"ask",fresh:this.#c()});let s=`${this.isArmed} ${this.waitSeconds} ${this.askSeconds}`;s!==this.#l&&this.#e(),this.#l=s}#d(e){if(this.sale.phase!=="amount")return;let n=this.#n?.openEnded(),s=y.nowMs();if(n!==void 0)this.#s({type:"open",order:n,ask:"ask"});else if(e){let r=this.#n?.atHand(s);if(r===void 0)return;let a=r.state==="open"||r.state==="unpaid";this.#s(a?{type:"resume",order:r}:{type:"open",order:r,ask:"ask"})}}#c(){let{terminalId:e}=this.settings,n=y.nowMs();return{orderId:Xe(e,n),terminalId:e,nowMs:n}}#a(e){this.notice={text:e},this.#e()}#o(e){this.setupFault=e,this.#e()}#r(e){this.screen=e,this.#e()}#s(e){let{sale:n,save:s,call:r}=le(this.sale,e);if(e.type==="answered"&&n!==this.sale){let{headline:a}=n.verdict;this.#i=performance.now(),(this.sale.asked!=="ask"||a!==this.sale.verdict?.headline)&&(this.#u=this.#i,this.#l="",this.settings.hasSound&&ue(ce(a)))}n.phase!==this.sale.phase&&(this.typedCode=""),this.sale=n,this.#e(),s!==void 0&&this.#h(s,r)}async#h(e,n){try{await this.#n.save(e)}catch{n!==void 0&&this.#r("storageFails");return}if(n===void 0||this.#t===null)return this.#e();let s=await ee(this.#t,n);this.#s({type:"answered",number:n.number,answer:s})}};var Je=48*36e5,Qe=36e5,A=class t{#n;#e;constructor(e,n){this.#n=e,this.#e=n}static async open(e){let n=await Z("offcode-till"),s=await n.all(),r=[...s.values()].filter(a=>!S(a)&&a.createdMs<e-Je).map(({orderId:a})=>a);r.length>0&&await n.delete(...r);for(let a of r)s.delete(a);return new t(n,s)}async save(e){await this.#n.put({[e.orderId]:e}),this.#e.set(e.orderId,e)}since(e){return this.#t().filter(n=>n.createdMs>=e)}openEnded(){return this.#t().find(S)}atHand(e){let n=this.#t()[0];return n!==void 0&&!n.isLeft&&e-n.createdMs<Qe?n:void 0}#t(){return[...this.#e.values()].sort((e,n)=>n.createdMs-e.createdMs)}};var et={title:"Till",testMode:"TEST: no real money, no goods",setupTitle:"Open the till",keyLabel:"Merchant key",keyHint:"Begins with ock_. It is kept until this tab is closed, and never written to a file by the till.",keyWrongForm:"This is no merchant key: it begins with ock_test_ or ock_live_.",keyRefused:"The server does not know this key. Enter another one.",keyNotMerchant:"This key is not a merchant's. Enter the key of the shop.",keyNotChecked:"The server did not answer. Check the network and try again.",terminalLabel:"Name of this till",terminalHint:"Such as till-3: letters, digits and signs without spaces. May be empty.",terminalWrong:"At most 64 letters, digits and signs, without spaces.",currencyLabel:"Currency",openTill:"Open",lock:"Lock the till",sound:"Sound",language:"Language",storageFails:"This browser keeps no orders, so nothing was sent: a sale could get lost. Leave private browsing, or make room on the disk.",otherTab:"The till is open in another tab or window of this browser. Use that one, or close it: then the till opens here.",takeOver:"Try again",amountTitle:"Amount",keyBack:"Delete the last digit",keyClear:"Clear",charge:"Charge {value}",amountTooLong:"Too many digits",chargeNothing:"Enter an amount",chargeFirst:"A code was scanned, and nothing was taken. Press Charge first, then scan.",scanTitle:"Scan the customer's code",scanHint:"Use the scanner or the camera, or enter the digits.",cameraOn:"Scan with the camera",cameraOff:"Switch the camera off",cameraStarts:"The camera starts…",cameraLooks:"Hold the code into the frame.",cameraView:"Picture of the camera",cameraDenied:"The browser does not let this page use the camera. Allow it beside the address, or use a scanner.",cameraMissing:"No camera was found. Use a scanner, or enter the digits.",cameraFails:"The camera does not work. Use a scanner, or enter the digits.",digitsLabel:"Digits of the code",digitsPay:"Pay with these digits",notACode:"This is no payment code: it has 16 to 24 digits. Ask the customer to open the payment code.",notDigits:"The scanner typed letters or signs in place of digits. Set its keyboard language to that of this device.",sameCode:"This is the code that was refused. Wait until the phone shows the next one.",scannerAdds:"The scanner adds characters to the code ({value}). The till left them out. Switch them off with the setup codes of the scanner's manual.",notNow:"A code was scanned, and nothing was done with it. First press what is shown here.",busyPay:"One moment…",busyAsk:"Asking…",busyReverse:"Reversing…",busyHint:"Hand over nothing yet.",paid:"PAID",notPaid:"NOT PAID",notKnown:"NOT KNOWN",waiting:"WAIT",reversing:"BEING REVERSED",reversed:"REVERSED",askCustomer:"ASK THE CUSTOMER",orderOver:"ORDER ENDED",tillProblem:"NOT POSSIBLE",paidTest:"TEST: PAID",notePaid:"Hand over the goods.",notePaidTest:"This is a test: no money moved. Hand over nothing.",noteNoAnswer:"No answer came. Hand over nothing yet and press “Send again”: the same sale is never paid twice.",noteNoAnswerScan:"Nobody knows yet whether this sale was paid. Hand over nothing yet. Ask again; the same sale is never paid twice.",noteNoAnswerAsked:"No answer came. Hand over nothing yet, and ask again.",noteNoAnswerReversed:"No answer came. The sale may or may not be reversed: press “Reverse” again. That is safe.",noteDeclined:"The payment was declined. Scan a new code, or take other money.",noteReversed:"Nothing is taken for this sale. What was taken goes back.",noteReversing:"The sale is being reversed. Hand over nothing.",noteUnderWay:"The payment is not decided yet. Hand over nothing; the till asks again.",noteRefunded:"The money of this sale was given back.",waitsForCustomer:"The customer has to confirm in the wallet app.",pressNext:"Next sale",pressScan:"Scan the next code",pressAgain:"Send again",pressAsk:"Ask again",pressReverse:"Reverse",pressSecond:"A second purchase: charge again",pressRenumber:"Same amount, new order",pressCancel:"Give up this sale",pressSamePurchase:"Same purchase: take nothing",pressKey:"Enter another key",reverseSure:"Reverse {value}?",reverseYes:"Yes, reverse it",reverseNo:"No, leave it",inSeconds:"in {value} s",asksInSeconds:"The till asks again in {value} s.",forSupport:"For your support",offline:"No network. Nothing can be paid until it is back; no sale is lost.",listTitle:"Today at this till",listEmpty:"No sale yet today.",listRefresh:"Ask the server",listOpen:"Today",listBack:"Back",listFailed:"The server did not answer: this is what the till knows itself.",listOrder:"Order",listTime:"Time",listState:"State",stateOpen:"not sent",stateUnknown:"not known",stateWaiting:"under way",stateUnpaid:"not paid",statePaid:"paid",stateReversed:"reversed",stateClosed:"ended",stateRefunded:"refunded"},tt={title:"收银台",testMode:"测试：无真实款项，请勿交付商品",setupTitle:"开启收银台",keyLabel:"商户密钥",keyHint:"以 ock_ 开头。仅保留到关闭本标签页为止，收银台不会将其写入文件。",keyWrongForm:"这不是商户密钥：密钥以 ock_test_ 或 ock_live_ 开头。",keyRefused:"服务器不认识此密钥，请输入其他密钥。",keyNotMerchant:"这不是商户的密钥，请输入本店的密钥。",keyNotChecked:"服务器没有回应。请检查网络后重试。",terminalLabel:"本收银台名称",terminalHint:"例如 till-3：字母、数字和符号，不含空格，可留空。",terminalWrong:"最多 64 个字母、数字或符号，不含空格。",currencyLabel:"币种",openTill:"开启",lock:"锁定收银台",sound:"声音",language:"语言",storageFails:"此浏览器无法保存订单，因此未发送任何请求，以免丢失交易。请退出无痕模式，或清理磁盘空间。",otherTab:"收银台已在此浏览器的另一个标签页或窗口中打开。请使用该页面；将其关闭后，收银台会在此开启。",takeOver:"重试",amountTitle:"金额",keyBack:"删除最后一位",keyClear:"清除",charge:"收款 {value}",amountTooLong:"位数过多",chargeNothing:"请输入金额",chargeFirst:"扫到了付款码，但未收款。请先按“收款”，再扫码。",scanTitle:"请扫描顾客的付款码",scanHint:"使用扫码枪或摄像头，或输入数字。",cameraOn:"用摄像头扫码",cameraOff:"关闭摄像头",cameraStarts:"正在启动摄像头…",cameraLooks:"请将付款码对准取景框。",cameraView:"摄像头画面",cameraDenied:"浏览器不允许本页使用摄像头。请在地址栏旁允许，或使用扫码枪。",cameraMissing:"未找到摄像头。请使用扫码枪，或输入数字。",cameraFails:"摄像头无法使用。请使用扫码枪，或输入数字。",digitsLabel:"付款码数字",digitsPay:"用此数字付款",notACode:"这不是付款码：付款码为 16 至 24 位数字。请让顾客打开付款码页面。",notDigits:"扫码枪输入的是字母或符号而非数字。请将其键盘语言设为与本设备一致。",sameCode:"这是刚才被拒绝的付款码。请等待手机显示下一个付款码。",scannerAdds:"扫码枪在付款码上附加了字符（{value}），收银台已将其去除。请用扫码枪手册中的设置码将其关闭。",notNow:"扫到了付款码，但未作任何处理。请先按此处显示的按钮。",busyPay:"请稍候…",busyAsk:"正在查询…",busyReverse:"正在撤销…",busyHint:"请暂勿交付商品。",paid:"已付款",notPaid:"未付款",notKnown:"结果未知",waiting:"请等待",reversing:"撤销中",reversed:"已撤销",askCustomer:"请询问顾客",orderOver:"订单已结束",tillProblem:"无法操作",paidTest:"测试：已付款",notePaid:"可以交付商品。",notePaidTest:"这是测试，没有真实款项，请勿交付商品。",noteNoAnswer:"没有收到回应。请暂勿交付商品，并按“再次发送”：同一笔交易绝不会重复扣款。",noteNoAnswerScan:"尚不知道这笔交易是否已付款。请暂勿交付商品，并再次查询；同一笔交易绝不会重复扣款。",noteNoAnswerAsked:"没有收到回应。请暂勿交付商品，并再次查询。",noteNoAnswerReversed:"没有收到回应，尚不知道是否已撤销。请再次按“撤销”，重复撤销是安全的。",noteDeclined:"付款被拒绝。请扫描新的付款码，或改用其他收款方式。",noteReversed:"这笔交易不收款。如有扣款，将退回顾客。",noteReversing:"这笔交易正在撤销，请勿交付商品。",noteUnderWay:"付款结果尚未确定，请勿交付商品，收银台将自动查询。",noteRefunded:"这笔交易的款项已退回。",waitsForCustomer:"需要顾客在钱包应用中确认。",pressNext:"下一笔",pressScan:"扫描下一个付款码",pressAgain:"再次发送",pressAsk:"再次查询",pressReverse:"撤销",pressSecond:"另一笔消费：再次收款",pressRenumber:"同金额，新订单",pressCancel:"放弃这笔交易",pressSamePurchase:"同一笔消费：不再收款",pressKey:"输入其他密钥",reverseSure:"确定撤销 {value}？",reverseYes:"确定撤销",reverseNo:"不撤销",inSeconds:"{value} 秒后",asksInSeconds:"{value} 秒后自动查询。",forSupport:"技术支持信息",offline:"没有网络，恢复前无法收款；交易不会丢失。",listTitle:"本收银台今日订单",listEmpty:"今日暂无订单。",listRefresh:"从服务器更新",listOpen:"今日",listBack:"返回",listFailed:"服务器没有回应：以下为收银台自己的记录。",listOrder:"订单",listTime:"时间",listState:"状态",stateOpen:"未发送",stateUnknown:"结果未知",stateWaiting:"处理中",stateUnpaid:"未付款",statePaid:"已付款",stateReversed:"已撤销",stateClosed:"已结束",stateRefunded:"已退款"},he={en:et,zh:tt};function fe(t){let{desk:e}=t,n={...t,t:H(he,e.language)},{t:s}=n;return i`
    <header>
      ${st(n)}
      ${e.isTest&&e.screen!=="setup"&&i`
        <p class="test">${s("testMode")}</p>
      `}
      ${e.isOffline&&i`
        <p class="note warn" role="alert">${s("offline")}</p>
      `}
    </header>
    <main>${nt(n)}</main>
    <p class="spoken" role="status" aria-live="assertive">${bt(n)}</p>
  `}function nt(t){let{desk:e,t:n}=t;switch(e.screen){case"setup":return rt(t);case"list":return wt(t);case"otherTab":return i`
        <h1>${n("title")}</h1>
        <p class="note warn" role="alert">${n("otherTab")}</p>
      `;case"storageFails":return i`
        <h1>${n("title")}</h1>
        <p class="note bad" role="alert">${n("storageFails")}</p>
        <button class="main" onClick=${()=>location.reload()}>
          ${n("takeOver")}
        </button>
      `;case"sale":return at(t)}}function st({desk:t,t:e}){let n=t.screen==="sale"||t.screen==="list",s=t.sale.phase==="busy",{hasSound:r,terminalId:a}=t.settings;return i`
    <div class="bar">
      <b class="name">${a||e("title")}</b>
      ${n&&i`
        <button disabled=${!t.mayLookAround} onClick=${()=>t.screen==="list"?t.showSale():t.showList()}>
          ${t.screen==="list"?e("listBack"):e("listOpen")}
        </button>
        <button aria-pressed=${r}
          onClick=${()=>t.change({hasSound:!r})}>
          ${m(r?"sound":"silent")}
          <span class="spoken">${e("sound")}</span>
        </button>
      `}
      ${t.screen!=="sale"&&i`
        <select aria-label=${e("language")} onChange=${o=>t.speak(ge(o))}>
          ${F.map(o=>i`
              <option value=${o} lang=${o} selected=${o===t.language}>
                ${K[o]}
              </option>
            `)}
        </select>
      `}
      ${n&&i`
        <button disabled=${s} onClick=${()=>t.lock()}>
          ${m("lock")}<span class="spoken">${e("lock")}</span>
        </button>
      `}
    </div>
  `}function ge(t){let e=t.currentTarget;return e.blur(),e.value}function rt({desk:t,t:e}){let{terminalId:n,currency:s,hasSound:r}=t.settings;return i`
    <form class="setup" onSubmit=${o=>{o.preventDefault();let d=o.currentTarget,c=u=>d.elements.namedItem(u).value.trim();t.open(c("key"),{terminalId:c("terminal"),currency:c("currency"),hasSound:r})}}>
      <h1>${e("setupTitle")}</h1>
      ${t.setupFault!==null&&i`
        <p class="note bad" role="alert">${e(t.setupFault)}</p>
      `}
      <label for="key">${e("keyLabel")}</label>
      <input id="key" name="key" type="password" required autocomplete="off"
        autocapitalize="off" spellcheck=${!1} aria-describedby="key-hint" />
      <p id="key-hint" class="soft">${e("keyHint")}</p>
      <label for="terminal">${e("terminalLabel")}</label>
      <input id="terminal" name="terminal" value=${n} maxlength="64"
        autocomplete="off" spellcheck=${!1} aria-describedby="till-hint" />
      <p id="till-hint" class="soft">${e("terminalHint")}</p>
      <label for="currency">${e("currencyLabel")}</label>
      <select id="currency" name="currency">${ve(s)}</select>
      <button class="main" aria-disabled=${t.isChecking}>
        ${t.isChecking?e("busyPay"):e("openTill")}
      </button>
    </form>
  `}function ve(t){return ne.map(e=>i`
      <option value=${e} selected=${e===t}>${e}</option>
    `)}function at(t){let{desk:e}=t;if(e.toReverse!==null)return ft(t,e.toReverse);let{phase:n,asked:s,verdict:r}=e.sale;switch(n){case"amount":return it(t);case"scan":return lt(t);case"busy":return s==="ask"&&r!==null?me(t):ut(t);case"result":return me(t)}}var ot=["1","2","3","4","5","6","7","8","9","00","0","back"],N=t=>t.preventDefault();function it({desk:t,t:e}){let{digits:n,currency:s}=t.sale,r=k(n),a=n!==""&&r===null;return i`
    <section class="amount">
      <h1 id="focus" tabindex="-1">${e("amountTitle")}</h1>
      <div class="display">
        <output class=${r===null?"money soft":"money"}>
          ${a?e("amountTooLong"):M(r??0,s)}
        </output>
        <select aria-label=${e("currencyLabel")} onChange=${o=>t.change({currency:ge(o)})}>${ve(s)}</select>
      </div>
      ${$({desk:t,t:e})}
      <div class="keypad">
        ${ot.map(o=>i`
            <button onMouseDown=${N} onClick=${()=>t.type(o)}>
              ${o==="back"?i`${m("back")}<span class="spoken">${e("keyBack")}</span>`:o}
            </button>
          `)}
      </div>
      <div class="row">
        <button onMouseDown=${N} onClick=${()=>t.type("clear")}>
          ${e("keyClear")}
        </button>
        <button class="main wide" disabled=${r===null}
          onMouseDown=${N} onClick=${()=>t.charge()}>
          ${r===null?e("chargeNothing"):e("charge",{value:p(r,s)})}
        </button>
      </div>
    </section>
  `}function lt(t){let{desk:e,t:n}=t,s=e.sale.order,r=a=>{a.preventDefault(),e.typedCode!==""&&e.read(e.typedCode,"entered")};return i`
    <section class="scan">
      <p class="money">${p(s.amountMinor,s.currency)}</p>
      <h1 id="focus" tabindex="-1">${n("scanTitle")}</h1>
      ${$(t)}
      ${e.wantsCamera?dt(t):i`
        <p class="soft">${n("scanHint")}</p>
        <button class="main wide" onClick=${()=>e.useCamera(!0)}>
          ${m("camera")} ${n("cameraOn")}
        </button>
      `}
      <form class="digits" onSubmit=${r}>
        <label for="digits">${n("digitsLabel")}</label>
        <div class="row">
          <input id="digits" inputmode="numeric" autocomplete="off"
            maxlength="64" value=${e.typedCode} onInput=${a=>e.typeCode(a.currentTarget.value)} />
          <button disabled=${e.typedCode===""}>${n("digitsPay")}</button>
        </div>
      </form>
      <button onClick=${()=>e.press("cancel")}>${n("pressCancel")}</button>
    </section>
  `}function dt({desk:t,t:e,setVideo:n}){let s=ct[t.camera];return i`
    ${s!==void 0&&i`
      <p class="note warn" role="alert">${e(s)}</p>
    `}
    <div class="picture" hidden=${s!==void 0}>
      <video ref=${n} muted playsinline aria-label=${e("cameraView")}></video>
      <p>${e(t.camera==="on"?"cameraLooks":"cameraStarts")}</p>
    </div>
    <button class="wide" onClick=${()=>t.useCamera(!1)}>
      ${e("cameraOff")}
    </button>
  `}var ct={denied:"cameraDenied",missing:"cameraMissing",fails:"cameraFails"};function $({desk:t,t:e}){if(t.notice===null)return null;let{text:n,value:s=""}=t.notice;return i`<p class="note warn" role="alert">${e(n,{value:s})}</p>`}function ut({desk:t,t:e}){let{asked:n,order:s}=t.sale;return i`
    <section class="result busy" aria-busy="true">
      <div class="picture-of">${m("busy")}</div>
      <h1 id="focus" tabindex="-1">${e(pt[n])}</h1>
      <p class="money">${p(s.amountMinor,s.currency)}</p>
      <p>${e("busyHint")}</p>
    </section>
  `}var pt={pay:"busyPay",ask:"busyAsk",reverse:"busyReverse"},ht={paid:"yes",notPaid:"no",notKnown:"question",waiting:"busy",reversing:"busy",reversed:"undo",askCustomer:"talk",orderOver:"stop",tillProblem:"no"};function me(t){let{desk:e,t:n}=t,{order:s,phase:r}=e.sale,a=e.sale.verdict,{headline:o}=a,d=o==="paid"&&a.isTest,[c,...u]=h(e.sale);return i`
    <section class=${`result ${o} ${d?"of-test":""}`}>
      <div class="picture-of">${m(ht[o])}</div>
      <h1 id="focus" tabindex="-1">${n(d?"paidTest":o)}</h1>
      <p class="money">${p(s.amountMinor,s.currency)}</p>
      ${we(t,a).map(O=>i`<p class="says">${O}</p>`)}
      ${e.askSeconds>0&&i`
        <p class="soft-there">
          ${n("asksInSeconds",{value:e.askSeconds})}
        </p>
      `}
    </section>
    ${$(t)}
    <div class="presses">
      ${ye(t,c,!0,r==="busy")}
      ${u.map(O=>ye(t,O,!1,r==="busy"))}
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
  `}function we({desk:t,t:e},n){let{note:s,says:r,headline:a,isTest:o,waitsFor:d}=n,c=[];return d==="customer"&&c.push(e("waitsForCustomer")),a==="paid"&&c.push(e(o?"notePaidTest":"notePaid")),r!==void 0?c.push(r[t.language]):s==="noAnswer"&&!h(t.sale).includes("again")?c.push(e("noteNoAnswerScan")):s!==void 0&&c.push(e(mt[s])),c}var mt={noAnswer:"noteNoAnswer",noAnswerAsked:"noteNoAnswerAsked",noAnswerReversed:"noteNoAnswerReversed",declined:"noteDeclined",reversed:"noteReversed",reversing:"noteReversing",underWay:"noteUnderWay",refunded:"noteRefunded"},yt={next:"pressNext",scan:"pressScan",again:"pressAgain",ask:"pressAsk",reverse:"pressReverse",second:"pressSecond",renumber:"pressRenumber",cancel:"pressCancel",key:"pressKey"};function ye({desk:t,t:e},n,s,r){let o=n==="scan"||n==="again"?t.waitSeconds:0,d=n==="cancel"&&t.sale.verdict.headline==="askCustomer";return i`
    <button class=${s?"main first":""} key=${n}
      aria-disabled=${r||!t.isArmed||o>0}
      onClick=${()=>t.press(n)}>
      ${e(d?"pressSamePurchase":yt[n])}
      ${o>0?` (${e("inSeconds",{value:o})})`:""}
    </button>
  `}function ft({desk:t,t:e},n){let s=p(n.amountMinor,n.currency);return i`
    <section class="result askCustomer">
      <div class="picture-of">${m("undo")}</div>
      <h1 id="focus" tabindex="-1">${e("reverseSure",{value:s})}</h1>
      <p class="support">${n.orderId}</p>
    </section>
    <div class="presses">
      <button class="main first" onClick=${()=>t.reverseSurely(!1)}>
        ${e("reverseNo")}
      </button>
      <button onClick=${()=>t.reverseSurely(!0)}>
        ${e("reverseYes")}
      </button>
    </div>
  `}var gt={open:"stateOpen",unknown:"stateUnknown",waiting:"stateWaiting",unpaid:"stateUnpaid",paid:"statePaid",reversed:"stateReversed",closed:"stateClosed",refunded:"stateRefunded"},vt=["paid","unknown","waiting"];function wt({desk:t,t:e}){let n=t.today;return i`
    <h1 id="focus" tabindex="-1">${e("listTitle")}</h1>
    ${$({desk:t,t:e})}
    ${t.listFails&&i`
      <p class="note warn" role="alert">${e("listFailed")}</p>
    `}
    ${n.length===0&&i`<p>${e("listEmpty")}</p>`}
    <ul class="orders">
      ${n.map(({order:s,state:r,description:a})=>i`
          <li key=${s.orderId} class=${r}>
            <b class="money">${p(s.amountMinor,s.currency)}</b>
            <span class="state">${e(gt[r])}</span>
            <time>${St(s.createdMs,t)}</time>
            ${a!==void 0&&i`<q>${a}</q>`}
            <small class="support">${s.orderId}</small>
            ${vt.includes(r)&&i`
              <div class="row">
                <button onClick=${()=>t.look(s,"ask")}>
                  ${e("pressAsk")}
                </button>
                <button onClick=${()=>t.look(s,"reverse")}>
                  ${e("pressReverse")}
                </button>
              </div>
            `}
          </li>
        `)}
    </ul>
    <button onClick=${()=>t.refreshList()}>${e("listRefresh")}</button>
  `}function St(t,{language:e}){return new Intl.DateTimeFormat(e,{hour:"2-digit",minute:"2-digit",hourCycle:"h23"}).format(t)}function bt(t){let{desk:e,t:n}=t,{phase:s,verdict:r}=e.sale;if(e.screen!=="sale"||s!=="result"||r===null)return"";let a=r.headline==="paid"&&r.isTest;return[n(a?"paidTest":r.headline),...we(t,r)].join(". ")}var kt={yes:"M3 13l6 6L21 5",no:"M5 5l14 14M19 5L5 19",question:"M7 8a5 5 0 1 1 7 4.6c-1.5.7-2 1.4-2 3M12 20v.5",busy:"M6 3h12M6 21h12M7 3c0 6 5 6 5 9s-5 3-5 9M17 3c0 6-5 6-5 9s5 3 5 9",undo:"M9 4L4 9l5 5M4 9h10a6 6 0 0 1 0 12h-3",talk:"M3 5h18v11H11l-5 5v-5H3zM8 10.5h8",stop:"M7 3h10l4 4v10l-4 4H7l-4-4V7zM8 12h8",back:"M9 5h12v14H9l-6-7zM12 9l5 6M17 9l-5 6",camera:"M3 7h4l2-3h6l2 3h4v13H3zM12 17a4 4 0 1 0 0-8 4 4 0 0 0 0 8",sound:"M4 9v6h4l5 4V5L8 9zM16 9c1.5 2 1.5 4 0 6M19 6c3 4 3 8 0 12",silent:"M4 9v6h4l5 4V5L8 9zM16 9l5 6M21 9l-5 6",lock:"M5 11h14v10H5zM8 11V8a4 4 0 0 1 8 0v3"};function m(t){return i`
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d=${kt[t]} />
    </svg>
  `}var P=class{#n=[];#e=-1/0;push(e,n){let s=n-this.#e>90?this.#t():[];if(this.#e=n,e==="Enter"||e==="Tab")return this.#n.length>=8?{typed:[...s,...this.#t()],isPartOfScan:!0}:{typed:[...s,...this.#t(),{kind:"keys",keys:[e]}],isPartOfScan:!1};let r=[...e].length===1?e:null;return r===null?e==="Shift"?{typed:s,isPartOfScan:!1}:{typed:[...s,...this.#t(),{kind:"keys",keys:[e]}],isPartOfScan:!1}:(this.#n.length<256&&this.#n.push(r),{typed:s,isPartOfScan:this.#n.length>1})}flush(){return this.#t()}#t(){let e=this.#n;return this.#n=[],e.length===0?[]:e.length>=8?[{kind:"scan",text:e.join("")}]:[{kind:"keys",keys:e}]}};var Ct=200,Ae=B();G(Ae);var x=!1,Se="";function At(){x||(x=!0,queueMicrotask(()=>{x=!1,_(fe({desk:l,setVideo:$t}),document.body);let{screen:t,sale:e,toReverse:n}=l,s=`${t} ${e.phase} ${e.verdict?.headline} ${n!==null}`;if(s===Se)return;Se=s,(document.querySelector("button.first")??document.querySelector("#focus"))?.focus({preventScroll:!0}),scrollTo(0,0)}))}var L=null,I=null;async function $t(t){if(t===I||(I=t,L?.stop(),L=null,t===null))return;l.setCamera("starting");let e=await J(t,s=>l.read(s,"camera")),n=I===t;typeof e=="string"?n&&l.setCamera(e):n?(L=e,l.setCamera("on")):e.stop()}var be=new P,ke;function $e(t){return t instanceof HTMLInputElement||t instanceof HTMLSelectElement}function Te(){return document.activeElement instanceof HTMLButtonElement}function Pt(t){let{phase:e}=l.sale;if(!(l.screen!=="sale"||l.toReverse!==null)){if(e==="amount")/^\d$/.test(t)?l.type(t):t==="Backspace"?l.type("back"):t==="Delete"||t==="Escape"?l.type("clear"):t==="Enter"&&!Te()&&l.charge();else if(e==="scan"){let{typedCode:n}=l;/^\d$/.test(t)?l.typeCode(n+t):t==="Backspace"?l.typeCode(n.slice(0,-1)):t==="Enter"&&n!==""&&!Te()&&l.read(n,"entered")}}}function Ce(t){for(let e of t)e.kind==="scan"?l.read(e.text,"scanner"):e.keys.forEach(Pt)}function Ot(t){if($e(t.target)||t.altKey||t.metaKey)return;if(t.repeat&&t.key==="Enter")return t.preventDefault();if(t.ctrlKey&&t.key!=="]")return;let e=t.ctrlKey?"":t.key,{typed:n,isPartOfScan:s}=be.push(e,t.timeStamp);s&&(t.preventDefault(),t.stopPropagation()),Ce(n),clearTimeout(ke),ke=setTimeout(()=>Ce(be.flush()),90)}function Mt(t){$e(t.target)||l.screen!=="sale"||l.read(t.clipboardData?.getData("text").trim()??"","entered")}function Dt(){return navigator.locks===void 0?Promise.resolve():new Promise(t=>{navigator.locks.request("offcode-till",()=>(t(),new Promise(()=>{})))})}var Et=500;async function Rt(){let t=setTimeout(()=>l.stop("otherTab"),Et);await Dt(),clearTimeout(t);try{l.start(await A.open(y.nowMs()))}catch{return l.stop("storageFails")}document.addEventListener("keydown",Ot,{capture:!0}),document.addEventListener("paste",Mt),addEventListener("online",()=>l.setOffline(!1)),addEventListener("offline",()=>l.setOffline(!0)),setInterval(()=>l.tick(),Ct),await X()}var l=new C(Ae,At);await Rt();
