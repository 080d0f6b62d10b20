import{a as V,b as W,c as Y,d as X,e as Z,f as q,g as j,h as i}from"./chunk-KPAZIJ55.js";var f={nowMs:()=>Date.now()},v=new Uint8Array(4096),C=v.length,Re=512,I="",P=0,x={bytes(e){if(e>256)return crypto.getRandomValues(new Uint8Array(e));C+e>v.length&&(crypto.getRandomValues(v),C=0);let t=new Uint8Array(e);for(let n=0;n<e;n++)t[n]=v[C],v[C++]=0;return t},hex(e){return e>256?x.bytes(e).toHex():(P+2*e>I.length&&(I=crypto.getRandomValues(new Uint8Array(Re)).toHex(),P=0),I.slice(P,P+=2*e))}};var z=["qr_code","code_128"];var J;async function Ie(){let e=globalThis.BarcodeDetector,t=await e?.getSupportedFormats().catch(()=>[])??[];if(e!==void 0&&z.every(a=>t.includes(a))){let a=new e({formats:z});return async l=>(await a.detect(l)).map(d=>d.rawValue)}let{loadZxing:n}=await import("./zxing-F7GUVJNB.js"),r=await n(),s=document.createElement("canvas"),o=s.getContext("2d",{willReadFrequently:!0});return a=>{let{videoWidth:l,videoHeight:d}=a,u=Math.min(1,1280/Math.max(l,d));return s.width=Math.round(l*u),s.height=Math.round(d*u),o.drawImage(a,0,0,s.width,s.height),r(o.getImageData(0,0,s.width,s.height))}}function xe(e){let t=e instanceof DOMException?e.name:"";return t==="NotAllowedError"||t==="SecurityError"?"denied":t==="NotFoundError"||t==="OverconstrainedError"?"missing":"fails"}async function Q(e,t){if(navigator.mediaDevices===void 0)return"missing";let n,r;try{n=await navigator.mediaDevices.getUserMedia({audio:!1,video:{facingMode:"environment",width:{ideal:1280},height:{ideal:720}}}),e.srcObject=n,await e.play(),r=await(J??=Ie())}catch(a){return J=void 0,n?.getTracks().forEach(l=>l.stop()),xe(a)}let s=!0,o=async()=>{if(s){if(e.videoWidth>0)for(let a of await r(e).catch(()=>[]))s&&t(a);s&&setTimeout(o,60)}};return o(),{stop(){s=!1,n.getTracks().forEach(a=>a.stop()),e.srcObject=null}}}var Ne=["HMAC-SHA-256","HMAC-SM3"],ee=Object.freeze({digit:1,mac:"HMAC-SHA-256",bucketDigits:4,tagDigits:11,timeStepSeconds:30,windowSteps:1}),jt=Object.freeze({...ee,digit:2,mac:"HMAC-SM3"}),zt=Le([ee]);function te(e){return 3+e.bucketDigits+e.tagDigits}function _e(e){if(!Ne.includes(e.mac))throw new TypeError("The profile's MAC is not implemented");y("digit",e.digit,1,9),y("bucketDigits",e.bucketDigits,1,9),y("tagDigits",e.tagDigits,8,18),y("timeStepSeconds",e.timeStepSeconds,1,600),y("windowSteps",e.windowSteps,0,3),y("code length",te(e),16,24)}function Le(e){let t=new Map;for(let n of e){if(_e(n),t.has(n.digit))throw new RangeError(`Profile ${n.digit} is given twice`);t.set(n.digit,n)}return t}function y(e,t,n,r){if(!Number.isInteger(t)||t<n||t>r)throw new RangeError(`The profile's ${e} must be an integer from ${n} to ${r}`)}var tn=Object.freeze({kind:"malformed"});function ne(e){return typeof e=="string"&&e.length>=16&&e.length<=24&&Ke(e)}function Ke(e){for(let t=0;t<e.length;t++){let n=e.charCodeAt(t);if(n<48||n>57)return!1}return!0}var Be=[["TAB",/\t/g],["CR",/\r/g],["LF",/\n/g],["GS (FNC1)",/\x1d/g],["spaces",/\p{Zs}/gu],["other control characters",/\p{Cc}/gu],["invisible characters such as U+FEFF or U+200B",/[\p{Cf}\p{Zl}\p{Zp}]/gu],["an AIM symbology identifier such as ]C1",/^\][A-Za-z][0-9A-Za-z]/]];function re(e){let t=e,n=[];for(let[r,s]of Be){let o=t.replace(s,"");o!==t&&n.push(r),t=o}return ne(t)?{code:t,added:n}:null}async function g(e,t,n,r){try{let s=await fetch(n,{method:t,headers:{authorization:`Bearer ${e}`,...r!==void 0&&{"content-type":"application/json"}},...r!==void 0&&{body:JSON.stringify(r)},cache:"no-store",credentials:"omit",redirect:"error",signal:AbortSignal.timeout(15e3)}),o=await s.json();if(typeof o!="object"||o===null)return null;let a=Number(s.headers.get("retry-after")??NaN);return{status:s.status,body:o,...Number.isInteger(a)&&{retryAfterSeconds:a}}}catch{return null}}var Ge=({orderId:e})=>`/v1/payments?order_id=${encodeURIComponent(e)}`;function se(e,t){let{asked:n,order:r,code:s}=t;switch(n){case"pay":return g(e,"POST","/v1/payments",{code:s,order_id:r.orderId,amount_minor:r.amountMinor,currency:r.currency,...r.terminalId!==""&&{terminal_id:r.terminalId},...r.isSecondPurchase&&{second_purchase:!0}});case"ask":return g(e,"GET",Ge(r));case"reverse":return g(e,"POST","/v1/reversals",{order_id:r.orderId})}}var Ue=10;async function oe(e,t,n){let r=[],s;for(let o=0;o<Ue;o++){let a=new URLSearchParams({from:new Date(n).toISOString(),limit:"100",...t!==""&&{terminal_id:t},...s!==void 0&&{cursor:s}}),l=await g(e,"GET",`/v1/payments?${a}`);if(l?.status!==200)return null;let{payments:d,cursor:u}=l.body;if(!Array.isArray(d))return null;if(r.push(...d),u===void 0)break;s=u}return r}var Ve=new Map([..."BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(" ").map(e=>[e,0]),..."BHD IQD JOD KWD LYD OMR TND".split(" ").map(e=>[e,3])]),ae="EUR CNY USD GBP JPY HKD AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB FJD FKP GEL GHS GIP GMD GNF GTQ GYD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG".split(" ");function We(e){return Ve.get(e)??2}var ie=11;function le(e,t){return t==="clear"?"":t==="back"?e.slice(0,-1):(e+t).replace(/^0+/,"").slice(0,ie+1)}function A(e){return e===""||e.length>ie?null:Number(e)}function N(e,t){let n=We(t),r=`${e}`.padStart(n+1,"0"),s=r.slice(0,r.length-n).replace(/\B(?=(\d{3})+$)/g,",");return n===0?s:`${s}.${r.slice(-n)}`}function p(e,t){return`${N(e,t)} ${t}`}function ce(e,t,n){if(n===null)return D(e);let{status:r,body:s}=n,o={isTest:s.mode==="test",...typeof s.waits_for=="string"&&{waitsFor:s.waits_for},...qe(s.cashier)&&{says:s.cashier}};if(r===200||r===201){if(s.order_id!==t)return D(e);let a=Ye(e,s);return a===null?D(e):{...o,...a}}return typeof s.code!="string"?D(e):{...o,...o.says===void 0&&{note:"noAnswer"},...Ze(e,n),...typeof s.detail=="string"&&{detail:s.detail},...typeof s.instance=="string"&&{instance:s.instance},code:s.code}}function D(e){let t={headline:"notKnown",isTest:!1};switch(e){case"pay":return{...t,note:"noAnswer",presses:["again","ask","reverse"],state:"unknown"};case"ask":return{...t,note:"noAnswerAsked",presses:["ask","again","reverse"],askInSeconds:5};case"reverse":return{...t,note:"noAnswerReversed",presses:["reverse","ask"]}}}function Ye(e,t){switch(t.status){case"succeeded":return{headline:"paid",presses:["next","reverse"],state:"paid"};case"processing":case"awaiting_confirmation":return e==="ask"?de(t,"waiting","underWay"):null;case"reversing":return de(t,"reversing","reversing");case"reversed":return{headline:"reversed",note:"reversed",presses:["next","renumber"],state:"reversed"};case"declined":return e==="ask"?{headline:"notPaid",note:"declined",presses:["scan","cancel"],state:"unpaid"}:null;case"refunded":return{headline:"orderOver",note:"refunded",presses:["next"],state:"closed"};default:return null}}function de(e,t,n){return{headline:t,note:n,presses:t==="waiting"?["ask","reverse"]:["ask"],askInSeconds:e.next_query_seconds??5,state:"waiting"}}function Xe(e){switch(e){case"looks-like-double-scan":return{headline:"askCustomer",presses:["cancel","second"],state:"unpaid"};case"order-paid-earlier":case"order-conflict":case"order-refunded":return{headline:"orderOver",presses:["renumber","next"],state:"closed"};case"payment-reversed":return{headline:"reversed",presses:["next","renumber"],state:"reversed"};case"reversal-too-late":return{headline:"orderOver",presses:["next","ask"]};case"not-authenticated":case"forbidden":return{headline:"tillProblem",presses:["key"]};default:return null}}function Ze(e,t){let{body:n,retryAfterSeconds:r}=t,s=Xe(n.code);if(s!==null)return s;let o=r===void 0?{}:{waitSeconds:r},a=n.next_query_seconds===void 0?{}:{askInSeconds:n.next_query_seconds,state:"waiting"};switch(n.retry){case"new-code":return{headline:"notPaid",presses:["scan","cancel"],state:"unpaid"};case"later":return{headline:"notPaid",presses:["scan","cancel"],...o,state:"unpaid"};case"query":return n.code==="not-found"?{headline:"notKnown",presses:["again","ask","reverse"]}:{headline:"waiting",presses:["ask","reverse"],...a};case"same-order":return{headline:e==="reverse"?"reversing":"notKnown",presses:e==="reverse"?["reverse","ask"]:e==="ask"?["ask","again","reverse"]:["again","ask","reverse"],...o,...e==="pay"&&{state:"unknown"},...a};case"never":return{headline:"tillProblem",presses:["cancel","key"]};default:return{headline:"notKnown",presses:["ask","reverse"]}}}function qe(e){let t=e;return typeof t?.en=="string"&&typeof t.zh=="string"}function w(e){return{phase:"amount",digits:"",currency:e,order:null,code:null,refusedCode:null,verdict:null,asked:null,wasInDoubt:!1,calls:0}}function T(e){return e.isInDoubt||e.state==="waiting"}function _({phase:e,order:t}){return e==="amount"||e==="result"&&t!==null&&!T(t)}function m({verdict:e,code:t,order:n}){return e===null||n===null?[]:e.presses.map(r=>r==="again"&&t===null?"scan":r)}function L(e){return e.phase==="scan"||e.phase==="result"&&m(e).includes("scan")}function pe(e,t){switch(t.type){case"key":return e.phase!=="amount"?{sale:e}:{sale:{...e,digits:le(e.digits,t.key)}};case"currency":return e.phase!=="amount"?{sale:e}:{sale:{...e,currency:t.currency}};case"charge":return je(e,t.fresh);case"scanned":return L(e)?ze(e,t.code):{sale:e};case"press":return Je(e,t.press,t.fresh);case"answered":return et(e,t.number,t.answer);case"open":return _(e)?S({...e,order:t.order,code:null,refusedCode:null},t.ask):{sale:e};case"resume":return e.phase!=="amount"?{sale:e}:{sale:{...e,phase:"scan",order:t.order}}}}function je(e,t){let n=e.phase==="amount"?A(e.digits):null;return n===null?{sale:e}:me(e,n,e.currency,t)}function me(e,t,n,{orderId:r,terminalId:s,nowMs:o}){let a={orderId:r,amountMinor:t,currency:n,terminalId:s,createdMs:o,state:"open",isInDoubt:!1,isSecondPurchase:!1,isTest:!1};return{sale:{...e,phase:"scan",digits:"",order:a,code:null,refusedCode:null,verdict:null},save:a}}function ze(e,t){return S({...e,code:t},"pay")}function S(e,t){let n=t==="ask"?e.order:{...e.order,isInDoubt:!0},r=e.calls+1,s=e.order.isInDoubt;return{sale:{...e,phase:"busy",asked:t,order:n,wasInDoubt:s,calls:r},save:n,call:{asked:t,number:r,order:n,...t==="pay"&&{code:e.code}}}}function Je(e,t,n){let{order:r,phase:s}=e;if(s==="scan"&&t==="cancel")return ue(e);if(s!=="result"||!m(e).includes(t))return{sale:e};switch(t){case"next":return{sale:{...w(e.currency),calls:e.calls}};case"scan":return{sale:{...e,phase:"scan",refusedCode:e.code}};case"again":return S(e,"pay");case"ask":case"reverse":return S(e,t);case"second":{let o={...e,order:{...r,isSecondPurchase:!0}};return e.code===null?{sale:{...o,phase:"scan"},save:o.order}:S(o,"pay")}case"renumber":return me(e,r.amountMinor,r.currency,n);case"cancel":return ue(e);case"key":return{sale:e}}}function ue(e){return T(e.order)?S(e,"reverse"):{sale:{...w(e.currency),calls:e.calls},save:{...e.order,state:"closed"}}}var Qe=["paid","reversed","closed"];function et(e,t,n){if(e.phase!=="busy"||t!==e.calls)return{sale:e};let r=e.asked,s=e.order,o=ce(r,s.orderId,n),{headline:a,state:l=s.state}=o,d=Qe.includes(l)&&o.state!==void 0,u={...s,state:l,isInDoubt:!d&&(e.wasInDoubt||r!=="ask"&&tt.includes(a)),isTest:s.isTest||o.isTest};return{sale:{...e,phase:"result",asked:null,order:u,verdict:o},save:u}}var tt=["notKnown","waiting","reversing"];var nt=[[880,0,.12],[1320,.13,.4]],rt=[[220,0,.25],[165,.3,.7]],st=[[587,0,.1],[587,.18,.28],[587,.36,.46]];function he(e){switch(e){case"paid":return nt;case"waiting":case"reversing":return[];case"notPaid":case"tillProblem":return rt;default:return st}}var b;function fe(e){if(e.length===0)return;b??=new AudioContext,b.resume().catch(()=>{});let t=b.currentTime+.02;for(let[n,r,s]of e){let o=new OscillatorNode(b,{frequency:n,type:n<300?"square":"sine"}),a=new GainNode(b,{gain:0});o.connect(a).connect(b.destination),a.gain.setValueAtTime(0,t+r),a.gain.linearRampToValueAtTime(.3,t+r+.01),a.gain.setValueAtTime(.3,t+s-.03),a.gain.linearRampToValueAtTime(0,t+s),o.start(t+r),o.stop(t+s)}}var ot=/^ock_(test|live)_[\w-]{20,200}$/,at=/^[!-~]{0,64}$/,F="offcode.till.key",ye="offcode.till.settings",it=400,lt={succeeded:"paid",declined:"unpaid",reversing:"waiting",reversed:"reversed",refunded:"refunded"};function dt(e,t,n){let r=lt[e.status]??"unknown";return{order:t??{orderId:e.order_id,amountMinor:e.amount_minor,currency:e.currency,terminalId:n,createdMs:Date.parse(e.created_at),state:r==="refunded"?"closed":r,isInDoubt:!1,isSecondPurchase:!1,isTest:!1},state:r,...e.description!==void 0&&{description:e.description}}}function ct(){let e={terminalId:"",currency:"EUR",hasSound:!0};try{let t=JSON.parse(localStorage.getItem(ye)??"{}");return{...e,...t}}catch{return e}}var ut="0123456789ABCDEFGHJKMNPQRSTVWXYZ";function pt(e,t){let n=new Date(t).toISOString().replace(/\D/g,"").slice(2,14),r=[...x.bytes(8)].map(s=>ut[s%32]).join("");return`${e.slice(0,32)||"till"}-${n}-${r}`}var O=class{screen="setup";sale;settings=ct();notice=null;setupFault=null;isChecking=!1;wantsCamera=!1;camera="off";typedCode="";toReverse=null;listed=null;listFails=!1;isOffline=!navigator.onLine;language;#n=null;#e;#t=sessionStorage.getItem(F);#i=0;#c=0;#u="";constructor(t,n){this.#e=n,this.language=t,this.sale=w(this.settings.currency)}stop(t){this.#s(t)}start(t){if(this.#n=t,this.#t===null)return this.#s("setup");this.#s("sale"),this.#l(!0)}get isTest(){return this.#t?.startsWith("ock_test_")??!1}get isArmed(){return performance.now()-this.#c>=it}get waitSeconds(){return this.#p(this.sale.verdict?.waitSeconds)}get askSeconds(){return this.#p(this.sale.verdict?.askInSeconds)}#p(t){if(t===void 0||this.sale.phase!=="result")return 0;let n=t*1e3-(performance.now()-this.#i);return Math.max(0,Math.ceil(n/1e3))}async open(t,n){if(this.isChecking)return;if(!ot.test(t))return this.#a("keyWrongForm");if(!at.test(n.terminalId))return this.#a("terminalWrong");this.isChecking=!0,this.#a(null);let r=await g(t,"GET","/v1/payments?limit=1");if(this.isChecking=!1,r?.status!==200)return this.#a(r?.status===401?"keyRefused":r?.status===403?"keyNotMerchant":"keyNotChecked");this.#t=t,sessionStorage.setItem(F,t),this.change(n),this.listed=null,this.#s("sale"),this.sale.phase==="result"&&m(this.sale).includes("key")&&(this.sale={...w(n.currency),calls:this.sale.calls}),this.#l(!0)}lock(){this.#t=null,sessionStorage.removeItem(F),this.listed=null,this.toReverse=null,this.#s("setup")}change(t){this.settings={...this.settings,...t},localStorage.setItem(ye,JSON.stringify(this.settings)),this.#r({type:"currency",currency:this.settings.currency})}speak(t){this.language=t,q(t),this.#e()}type(t){this.notice=null,this.#r({type:"key",key:t})}charge(){this.notice=null,this.#r({type:"charge",fresh:this.#d()})}press(t){if(!(this.sale.phase==="result"&&!this.isArmed||(t==="scan"||t==="again")&&this.waitSeconds>0)){if(this.notice=null,t==="key")return this.lock();if(t==="reverse"&&this.sale.order?.state==="paid")return this.toReverse=this.sale.order,this.#e();this.#r({type:"press",press:t,fresh:this.#d()}),this.sale.phase==="amount"&&this.#l(!1)}}reverseSurely(t){let n=this.toReverse;if(this.toReverse=null,!t||n===null)return this.#e();this.look(n,"reverse")}look(t,n){if(n==="reverse"&&t.state==="paid"&&this.screen==="list")return this.toReverse=t,this.screen="sale",this.sale={...w(this.settings.currency),calls:this.sale.calls},this.#e();this.#s("sale"),this.#r({type:"open",order:t,ask:n})}read(t,n){let r=re(t);if(!L(this.sale)||this.screen!=="sale")return n==="camera"?void 0:this.#o(this.screen==="sale"&&this.sale.phase==="amount"?"chargeFirst":"notNow");if(this.waitSeconds>0)return this.#o("notNow");if(r===null){let l=n==="scanner"&&!/\d{4}/.test(t);return this.#o(l?"notDigits":"notACode")}let{refusedCode:s,code:o,phase:a}=this.sale;if(r.code===(a==="result"?o:s))return this.#o("sameCode");this.typedCode="",this.notice=n==="scanner"&&r.added.length>0?{text:"scannerAdds",value:r.added.join(", ")}:null,this.#r({type:"scanned",code:r.code})}typeCode(t){this.typedCode=t,this.#e()}async showList(){if(!_(this.sale))return this.#o("notNow");this.notice=null,this.#s("list"),await this.refreshList()}async refreshList(){if(this.#t===null)return;let{terminalId:t}=this.settings,n=await oe(this.#t,t,this.todayMs);this.listFails=n===null,n!==null&&(this.listed=n),this.#e()}showSale(){this.#s("sale")}get todayMs(){return new Date(f.nowMs()).setHours(0,0,0,0)}get today(){let t=new Map((this.#n?.since(this.todayMs)??[]).map(r=>[r.orderId,{order:r,state:r.isInDoubt?"unknown":r.state}])),{terminalId:n}=this.settings;for(let r of this.listed??[]){let s=t.get(r.order_id)?.order;s===void 0&&n===""||t.set(r.order_id,dt(r,s,n))}return[...t.values()].sort((r,s)=>s.order.createdMs-r.order.createdMs)}setCamera(t){this.camera=t,this.#e()}useCamera(t){this.wantsCamera=t,this.camera="off",this.notice=null,this.#e()}setOffline(t){this.isOffline=t,this.#e()}tick(){if(this.screen!=="sale"||this.sale.phase!=="result")return;let{verdict:t}=this.sale;if(t?.askInSeconds!==void 0&&this.askSeconds===0&&this.toReverse===null)return this.#r({type:"press",press:"ask",fresh:this.#d()});let r=`${this.isArmed} ${this.waitSeconds} ${this.askSeconds}`;r!==this.#u&&this.#e(),this.#u=r}#l(t){if(this.sale.phase!=="amount")return;let n=this.#n?.openEnded(),r=f.nowMs();if(n!==void 0)this.#r({type:"open",order:n,ask:"ask"});else if(t){let s=this.#n?.resumable(r);s!==void 0&&this.#r({type:"resume",order:s})}}#d(){let{terminalId:t}=this.settings,n=f.nowMs();return{orderId:pt(t,n),terminalId:t,nowMs:n}}#o(t){this.notice={text:t},this.#e()}#a(t){this.setupFault=t,this.#e()}#s(t){this.screen=t,this.#e()}#r(t){let{sale:n,save:r,call:s}=pe(this.sale,t);if(t.type==="answered"&&n!==this.sale){let{headline:o}=n.verdict;this.#i=performance.now(),(this.sale.asked!=="ask"||o!==this.sale.verdict?.headline)&&(this.#c=this.#i,this.settings.hasSound&&fe(he(o)))}n.phase!==this.sale.phase&&(this.typedCode=""),this.sale=n,this.#e(),r!==void 0&&this.#m(r,s)}async#m(t,n){try{await this.#n.save(t)}catch{return this.#s("storageFails")}if(n===void 0||this.#t===null)return this.#e();let r=await se(this.#t,n);this.#r({type:"answered",number:n.number,answer:r})}};var k="values";function M(e){return new Promise((t,n)=>{e.onsuccess=()=>t(e.result),e.onerror=()=>n(e.error)})}function mt(e){return new Promise((t,n)=>{e.oncomplete=()=>t(),e.onerror=()=>n(e.error),e.onabort=()=>n(e.error)})}async function ge(e){let t=indexedDB.open(e,1);t.onupgradeneeded=()=>t.result.createObjectStore(k);let n=await M(t);n.onversionchange=()=>n.close();function r(o){let a=n.transaction(k,"readwrite",{durability:"strict"});return o(a.objectStore(k)),mt(a)}let s=()=>n.transaction(k).objectStore(k);return{get:o=>M(s().get(o)),put:o=>r(a=>{for(let[l,d]of Object.entries(o))a.put(d,l)}),delete:(...o)=>r(a=>{for(let l of o)a.delete(l)}),async all(){let o=s(),[a,l]=await Promise.all([M(o.getAllKeys()),M(o.getAll())]);return new Map(a.map((d,u)=>[String(d),l[u]]))},close:()=>n.close()}}var ht=48*36e5,ft=36e5,$=class e{#n;#e;constructor(t,n){this.#n=t,this.#e=n}static async open(t){let n=await ge("offcode-till"),r=await n.all(),s=[...r.values()].filter(o=>!T(o)&&o.createdMs<t-ht).map(({orderId:o})=>o);s.length>0&&await n.delete(...s);for(let o of s)r.delete(o);return new e(n,r)}async save(t){await this.#n.put({[t.orderId]:t}),this.#e.set(t.orderId,t)}since(t){return this.#t().filter(n=>n.createdMs>=t)}openEnded(){return this.#t().find(T)}resumable(t){let n=this.#t()[0];return n!==void 0&&t-n.createdMs<ft&&(n.state==="open"||n.state==="unpaid")?n:void 0}#t(){return[...this.#e.values()].sort((t,n)=>n.createdMs-t.createdMs)}};var yt={title:"Till",testMode:"TEST: no real money. Hand over nothing.",setupTitle:"Open the till",keyLabel:"Merchant key",keyHint:"Begins with ock_. It is kept until this tab is closed, and never written to a file by the till.",keyWrongForm:"This is no merchant key: it begins with ock_test_ or ock_live_.",keyRefused:"The server does not know this key. Enter another one.",keyNotMerchant:"This key is not a merchant's. Enter the key of the shop.",keyNotChecked:"The server did not answer. Check the network and try again.",terminalLabel:"Name of this till",terminalHint:"Such as till-3: letters, digits and signs without spaces. May be empty.",terminalWrong:"At most 64 letters, digits and signs, without spaces.",currencyLabel:"Currency",openTill:"Open",lock:"Lock the till",sound:"Sound",language:"Language",storageFails:"This browser keeps no orders, so nothing was sent: a sale could get lost. Leave private browsing, or make room on the disk.",otherTab:"The till is open in another tab or window of this browser. Use that one, or close it: then the till opens here.",takeOver:"Try again",amountTitle:"Amount",keyBack:"Delete the last digit",keyClear:"Clear",charge:"Charge {value}",amountTooLong:"Too many digits",chargeNothing:"Enter an amount",chargeFirst:"A code was scanned, and nothing was taken. Press Charge first, then scan.",scanTitle:"Scan the customer's code",scanHint:"Use the scanner or the camera, or enter the digits.",cameraOn:"Scan with the camera",cameraOff:"Switch the camera off",cameraStarts:"The camera starts…",cameraLooks:"Hold the code into the frame.",cameraView:"Picture of the camera",cameraDenied:"The browser does not let this page use the camera. Allow it beside the address, or use a scanner.",cameraMissing:"No camera was found. Use a scanner, or enter the digits.",cameraFails:"The camera does not work. Use a scanner, or enter the digits.",digitsLabel:"Digits of the code",digitsPay:"Pay with these digits",notACode:"This is no payment code: it has 16 to 24 digits. Ask the customer to open the payment code.",notDigits:"The scanner typed letters or signs in place of digits. Set its keyboard language to that of this device.",sameCode:"This is the code that was refused. Wait until the phone shows the next one.",scannerAdds:"The scanner adds characters to the code ({value}). The till left them out. Switch them off with the setup codes of the scanner's manual.",notNow:"A code was scanned, and nothing was done with it. First press what is shown here.",busyPay:"One moment…",busyAsk:"Asking…",busyReverse:"Reversing…",busyHint:"Hand over nothing yet.",paid:"PAID",notPaid:"NOT PAID",notKnown:"NOT KNOWN",waiting:"WAIT",reversing:"BEING REVERSED",reversed:"REVERSED",askCustomer:"ASK THE CUSTOMER",orderOver:"ORDER ENDED",tillProblem:"NOT POSSIBLE",paidTest:"TEST: PAID",notePaid:"Hand over the goods.",notePaidTest:"This is a test: no money moved. Hand over nothing.",noteNoAnswer:"No answer came. Hand over nothing yet and press “Send again”: the same sale is never paid twice.",noteNoAnswerScan:"Nobody knows yet whether this sale was paid. Hand over nothing yet. Ask again; the same sale is never paid twice.",noteNoAnswerAsked:"No answer came. Hand over nothing yet, and ask again.",noteNoAnswerReversed:"No answer came. The sale may or may not be reversed: press “Reverse” again. That is safe.",noteDeclined:"The payment was declined. Scan a new code, or take other money.",noteReversed:"Nothing is taken for this sale. What was taken goes back.",noteReversing:"The sale is being reversed. Hand over nothing.",noteUnderWay:"The payment is not decided yet. Hand over nothing; the till asks again.",noteRefunded:"The money of this sale was given back.",waitsForCustomer:"The customer has to confirm in the wallet app.",pressNext:"Next sale",pressScan:"Scan the next code",pressAgain:"Send again",pressAsk:"Ask again",pressReverse:"Reverse",pressSecond:"A second purchase: charge again",pressRenumber:"Same amount, new order",pressCancel:"Give up this sale",pressSamePurchase:"Same purchase: take nothing",pressKey:"Enter another key",reverseSure:"Reverse {value}?",reverseYes:"Yes, reverse it",reverseNo:"No, leave it",inSeconds:"in {value} s",asksInSeconds:"The till asks again in {value} s.",forSupport:"For your support",offline:"No network. Nothing can be paid until it is back; no sale is lost.",listTitle:"Today at this till",listEmpty:"No sale yet today.",listRefresh:"Ask the server",listOpen:"Today",listBack:"Back to the sale",listFailed:"The server did not answer: this is what the till knows itself.",listOrder:"Order",listTime:"Time",listState:"State",stateOpen:"not sent",stateUnknown:"not known",stateWaiting:"under way",stateUnpaid:"not paid",statePaid:"paid",stateReversed:"reversed",stateClosed:"ended",stateRefunded:"refunded"},gt={title:"收银台",testMode:"测试：无真实款项，请勿交付商品",setupTitle:"开启收银台",keyLabel:"商户密钥",keyHint:"以 ock_ 开头。仅保留到关闭本标签页为止，收银台不会将其写入文件。",keyWrongForm:"这不是商户密钥：密钥以 ock_test_ 或 ock_live_ 开头。",keyRefused:"服务器不认识此密钥，请输入其他密钥。",keyNotMerchant:"这不是商户的密钥，请输入本店的密钥。",keyNotChecked:"服务器没有回应。请检查网络后重试。",terminalLabel:"本收银台名称",terminalHint:"例如 till-3：字母、数字和符号，不含空格，可留空。",terminalWrong:"最多 64 个字母、数字或符号，不含空格。",currencyLabel:"币种",openTill:"开启",lock:"锁定收银台",sound:"声音",language:"语言",storageFails:"此浏览器无法保存订单，因此未发送任何请求，以免丢失交易。请退出无痕模式，或清理磁盘空间。",otherTab:"收银台已在此浏览器的另一个标签页或窗口中打开。请使用该页面；将其关闭后，收银台会在此开启。",takeOver:"重试",amountTitle:"金额",keyBack:"删除最后一位",keyClear:"清除",charge:"收款 {value}",amountTooLong:"位数过多",chargeNothing:"请输入金额",chargeFirst:"扫到了付款码，但未收款。请先按“收款”，再扫码。",scanTitle:"请扫描顾客的付款码",scanHint:"使用扫码枪或摄像头，或输入数字。",cameraOn:"用摄像头扫码",cameraOff:"关闭摄像头",cameraStarts:"正在启动摄像头…",cameraLooks:"请将付款码对准取景框。",cameraView:"摄像头画面",cameraDenied:"浏览器不允许本页使用摄像头。请在地址栏旁允许，或使用扫码枪。",cameraMissing:"未找到摄像头。请使用扫码枪，或输入数字。",cameraFails:"摄像头无法使用。请使用扫码枪，或输入数字。",digitsLabel:"付款码数字",digitsPay:"用此数字付款",notACode:"这不是付款码：付款码为 16 至 24 位数字。请让顾客打开付款码页面。",notDigits:"扫码枪输入的是字母或符号而非数字。请将其键盘语言设为与本设备一致。",sameCode:"这是刚才被拒绝的付款码。请等待手机显示下一个付款码。",scannerAdds:"扫码枪在付款码上附加了字符（{value}），收银台已将其去除。请用扫码枪手册中的设置码将其关闭。",notNow:"扫到了付款码，但未作任何处理。请先按此处显示的按钮。",busyPay:"请稍候…",busyAsk:"正在查询…",busyReverse:"正在撤销…",busyHint:"请暂勿交付商品。",paid:"已付款",notPaid:"未付款",notKnown:"结果未知",waiting:"请等待",reversing:"撤销中",reversed:"已撤销",askCustomer:"请询问顾客",orderOver:"订单已结束",tillProblem:"无法操作",paidTest:"测试：已付款",notePaid:"可以交付商品。",notePaidTest:"这是测试，没有真实款项，请勿交付商品。",noteNoAnswer:"没有收到回应。请暂勿交付商品，并按“再次发送”：同一笔交易绝不会重复扣款。",noteNoAnswerScan:"尚不知道这笔交易是否已付款。请暂勿交付商品，并再次查询；同一笔交易绝不会重复扣款。",noteNoAnswerAsked:"没有收到回应。请暂勿交付商品，并再次查询。",noteNoAnswerReversed:"没有收到回应，尚不知道是否已撤销。请再次按“撤销”，重复撤销是安全的。",noteDeclined:"付款被拒绝。请扫描新的付款码，或改用其他收款方式。",noteReversed:"这笔交易不收款。如有扣款，将退回顾客。",noteReversing:"这笔交易正在撤销，请勿交付商品。",noteUnderWay:"付款结果尚未确定，请勿交付商品，收银台将自动查询。",noteRefunded:"这笔交易的款项已退回。",waitsForCustomer:"需要顾客在钱包应用中确认。",pressNext:"下一笔",pressScan:"扫描下一个付款码",pressAgain:"再次发送",pressAsk:"再次查询",pressReverse:"撤销",pressSecond:"另一笔消费：再次收款",pressRenumber:"同金额，新订单",pressCancel:"放弃这笔交易",pressSamePurchase:"同一笔消费：不再收款",pressKey:"输入其他密钥",reverseSure:"确定撤销 {value}？",reverseYes:"确定撤销",reverseNo:"不撤销",inSeconds:"{value} 秒后",asksInSeconds:"{value} 秒后自动查询。",forSupport:"技术支持信息",offline:"没有网络，恢复前无法收款；交易不会丢失。",listTitle:"本收银台今日订单",listEmpty:"今日暂无订单。",listRefresh:"从服务器更新",listOpen:"今日",listBack:"返回收款",listFailed:"服务器没有回应：以下为收银台自己的记录。",listOrder:"订单",listTime:"时间",listState:"状态",stateOpen:"未发送",stateUnknown:"结果未知",stateWaiting:"处理中",stateUnpaid:"未付款",statePaid:"已付款",stateReversed:"已撤销",stateClosed:"已结束",stateRefunded:"已退款"},Se={en:yt,zh:gt};function ve(e){let{desk:t}=e,n={...e,t:X(Se,t.language)},{t:r}=n;return i`
    <header>
      ${wt(n)}
      ${t.isTest&&t.screen!=="setup"&&i`
        <p class="test">${r("testMode")}</p>
      `}
      ${t.isOffline&&i`
        <p class="note warn" role="alert">${r("offline")}</p>
      `}
    </header>
    <main>${St(n)}</main>
    <p class="spoken" role="status" aria-live="assertive">${_t(n)}</p>
  `}function St(e){let{desk:t,t:n}=e;switch(t.screen){case"setup":return bt(e);case"list":return xt(e);case"otherTab":return i`
        <h1>${n("title")}</h1>
        <p class="note warn" role="alert">${n("otherTab")}</p>
      `;case"storageFails":return i`
        <h1>${n("title")}</h1>
        <p class="note bad" role="alert">${n("storageFails")}</p>
        <button class="main" onClick=${()=>location.reload()}>
          ${n("takeOver")}
        </button>
      `;case"sale":return vt(e)}}function wt({desk:e,t}){let n=e.screen==="sale"||e.screen==="list",r=e.sale.phase==="busy",{hasSound:s,terminalId:o}=e.settings;return i`
    <div class="bar">
      <b class="name">${o||t("title")}</b>
      ${n&&i`
        <button onClick=${()=>e.screen==="list"?e.showSale():e.showList()}>
          ${e.screen==="list"?t("listBack"):t("listOpen")}
        </button>
        <button aria-pressed=${s}
          onClick=${()=>e.change({hasSound:!s})}>
          ${h(s?"sound":"silent")}
          <span class="spoken">${t("sound")}</span>
        </button>
      `}
      <select aria-label=${t("language")} onChange=${a=>e.speak(Te(a))}>
        ${W.map(a=>i`
            <option value=${a} lang=${a} selected=${a===e.language}>
              ${Y[a]}
            </option>
          `)}
      </select>
      ${n&&i`
        <button disabled=${r} onClick=${()=>e.lock()}>
          ${h("lock")}<span class="spoken">${t("lock")}</span>
        </button>
      `}
    </div>
  `}function Te(e){let t=e.currentTarget;return t.blur(),t.value}function bt({desk:e,t}){let{terminalId:n,currency:r,hasSound:s}=e.settings;return i`
    <form class="setup" onSubmit=${a=>{a.preventDefault();let l=a.currentTarget,d=u=>l.elements.namedItem(u).value.trim();e.open(d("key"),{terminalId:d("terminal"),currency:d("currency"),hasSound:s})}}>
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
      <select id="currency" name="currency">${ke(r)}</select>
      <button class="main" aria-disabled=${e.isChecking}>
        ${e.isChecking?t("busyPay"):t("openTill")}
      </button>
    </form>
  `}function ke(e){return ae.map(t=>i`
      <option value=${t} selected=${t===e}>${t}</option>
    `)}function vt(e){let{desk:t}=e;if(t.toReverse!==null)return Rt(e,t.toReverse);let{phase:n,asked:r,verdict:s}=t.sale;switch(n){case"amount":return kt(e);case"scan":return Ct(e);case"busy":return r==="ask"&&s!==null?we(e):Dt(e);case"result":return we(e)}}var Tt=["1","2","3","4","5","6","7","8","9","00","0","back"],H=e=>e.preventDefault();function kt({desk:e,t}){let{digits:n,currency:r}=e.sale,s=A(n),o=n!==""&&s===null;return i`
    <section class="amount">
      <h1 id="focus" tabindex="-1">${t("amountTitle")}</h1>
      <div class="display">
        <output class=${s===null?"money soft":"money"}>
          ${o?t("amountTooLong"):N(s??0,r)}
        </output>
        <select aria-label=${t("currencyLabel")} onChange=${a=>e.change({currency:Te(a)})}>${ke(r)}</select>
      </div>
      ${K({desk:e,t})}
      <div class="keypad">
        ${Tt.map(a=>i`
            <button onMouseDown=${H} onClick=${()=>e.type(a)}>
              ${a==="back"?i`${h("back")}<span class="spoken">${t("keyBack")}</span>`:a}
            </button>
          `)}
      </div>
      <div class="row">
        <button onMouseDown=${H} onClick=${()=>e.type("clear")}>
          ${t("keyClear")}
        </button>
        <button class="main wide" disabled=${s===null}
          onMouseDown=${H} onClick=${()=>e.charge()}>
          ${s===null?t("chargeNothing"):t("charge",{value:p(s,r)})}
        </button>
      </div>
    </section>
  `}function Ct(e){let{desk:t,t:n}=e,r=t.sale.order,s=o=>{o.preventDefault(),t.typedCode!==""&&t.read(t.typedCode,"entered")};return i`
    <section class="scan">
      <p class="money">${p(r.amountMinor,r.currency)}</p>
      <h1 id="focus" tabindex="-1">${n("scanTitle")}</h1>
      ${K(e)}
      ${t.wantsCamera?Pt(e):i`
        <p class="soft">${n("scanHint")}</p>
        <button class="main wide" onClick=${()=>t.useCamera(!0)}>
          ${h("camera")} ${n("cameraOn")}
        </button>
      `}
      <form class="digits" onSubmit=${s}>
        <label for="digits">${n("digitsLabel")}</label>
        <div class="row">
          <input id="digits" inputmode="numeric" autocomplete="off"
            maxlength="64" value=${t.typedCode} onInput=${o=>t.typeCode(o.currentTarget.value)} />
          <button disabled=${t.typedCode===""}>${n("digitsPay")}</button>
        </div>
      </form>
      <button onClick=${()=>t.press("cancel")}>${n("pressCancel")}</button>
    </section>
  `}function Pt({desk:e,t,setVideo:n}){let r=At[e.camera];return i`
    ${r!==void 0&&i`
      <p class="note warn" role="alert">${t(r)}</p>
    `}
    <div class="picture" hidden=${r!==void 0}>
      <video ref=${n} muted playsinline aria-label=${t("cameraView")}></video>
      <p>${t(e.camera==="on"?"cameraLooks":"cameraStarts")}</p>
    </div>
    <button class="wide" onClick=${()=>e.useCamera(!1)}>
      ${t("cameraOff")}
    </button>
  `}var At={denied:"cameraDenied",missing:"cameraMissing",fails:"cameraFails"};function K({desk:e,t}){if(e.notice===null)return null;let{text:n,value:r=""}=e.notice;return i`<p class="note warn" role="alert">${t(n,{value:r})}</p>`}function Dt({desk:e,t}){let{asked:n,order:r}=e.sale;return i`
    <section class="result busy" aria-busy="true">
      <div class="picture-of">${h("busy")}</div>
      <h1 id="focus" tabindex="-1">${t(Ot[n])}</h1>
      <p class="money">${p(r.amountMinor,r.currency)}</p>
      <p>${t("busyHint")}</p>
    </section>
  `}var Ot={pay:"busyPay",ask:"busyAsk",reverse:"busyReverse"},Mt={paid:"yes",notPaid:"no",notKnown:"question",waiting:"busy",reversing:"busy",reversed:"undo",askCustomer:"talk",orderOver:"stop",tillProblem:"no"};function we(e){let{desk:t,t:n}=e,{order:r,phase:s}=t.sale,o=t.sale.verdict,{headline:a}=o,l=a==="paid"&&o.isTest,[d,...u]=m(t.sale);return i`
    <section class=${`result ${a} ${l?"of-test":""}`}>
      <div class="picture-of">${h(Mt[a])}</div>
      <h1 id="focus" tabindex="-1">${n(l?"paidTest":a)}</h1>
      <p class="money">${p(r.amountMinor,r.currency)}</p>
      ${Ce(e,o).map(R=>i`<p class="says">${R}</p>`)}
      ${t.askSeconds>0&&i`
        <p class="soft-there">
          ${n("asksInSeconds",{value:t.askSeconds})}
        </p>
      `}
    </section>
    ${K(e)}
    <div class="presses">
      ${be(e,d,!0,s==="busy")}
      ${u.map(R=>be(e,R,!1,s==="busy"))}
    </div>
    <details>
      <summary>${n("forSupport")}</summary>
      <p class="support">${r.orderId}</p>
      ${o.code!==void 0&&i`
        <p class="support">${o.code}</p>
      `}
      ${o.detail!==void 0&&i`
        <p class="support" lang="en">${o.detail}</p>
      `}
      ${o.instance!==void 0&&i`
        <p class="support">${o.instance}</p>
      `}
    </details>
  `}function Ce({desk:e,t},n){let{note:r,says:s,headline:o,isTest:a,waitsFor:l}=n,d=[];return o==="paid"&&d.push(t(a?"notePaidTest":"notePaid")),s!==void 0?d.push(s[e.language]):r==="noAnswer"&&!m(e.sale).includes("again")?d.push(t("noteNoAnswerScan")):r!==void 0&&d.push(t($t[r])),l==="customer"&&d.push(t("waitsForCustomer")),d}var $t={noAnswer:"noteNoAnswer",noAnswerAsked:"noteNoAnswerAsked",noAnswerReversed:"noteNoAnswerReversed",declined:"noteDeclined",reversed:"noteReversed",reversing:"noteReversing",underWay:"noteUnderWay",refunded:"noteRefunded"},Et={next:"pressNext",scan:"pressScan",again:"pressAgain",ask:"pressAsk",reverse:"pressReverse",second:"pressSecond",renumber:"pressRenumber",cancel:"pressCancel",key:"pressKey"};function be({desk:e,t},n,r,s){let a=n==="scan"||n==="again"?e.waitSeconds:0,l=n==="cancel"&&e.sale.verdict.headline==="askCustomer";return i`
    <button class=${r?"main first":""} key=${n}
      aria-disabled=${s||!e.isArmed||a>0}
      onClick=${()=>e.press(n)}>
      ${t(l?"pressSamePurchase":Et[n])}
      ${a>0?` (${t("inSeconds",{value:a})})`:""}
    </button>
  `}function Rt({desk:e,t},n){let r=p(n.amountMinor,n.currency);return i`
    <section class="result askCustomer">
      <div class="picture-of">${h("undo")}</div>
      <h1 id="focus" tabindex="-1">${t("reverseSure",{value:r})}</h1>
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
  `}var It={open:"stateOpen",unknown:"stateUnknown",waiting:"stateWaiting",unpaid:"stateUnpaid",paid:"statePaid",reversed:"stateReversed",closed:"stateClosed",refunded:"stateRefunded"};function xt({desk:e,t}){let n=e.today;return i`
    <h1 id="focus" tabindex="-1">${t("listTitle")}</h1>
    ${e.listFails&&i`
      <p class="note warn" role="alert">${t("listFailed")}</p>
    `}
    ${n.length===0&&i`<p>${t("listEmpty")}</p>`}
    <ul class="orders">
      ${n.map(({order:r,state:s,description:o})=>i`
          <li key=${r.orderId} class=${s}>
            <b class="money">${p(r.amountMinor,r.currency)}</b>
            <span class="state">${t(It[s])}</span>
            <time>${Nt(r.createdMs,e)}</time>
            ${o!==void 0&&i`<q>${o}</q>`}
            <small class="support">${r.orderId}</small>
            <div class="row">
              <button onClick=${()=>e.look(r,"ask")}>
                ${t("pressAsk")}
              </button>
              ${s!=="reversed"&&s!=="refunded"&&i`
                <button onClick=${()=>e.look(r,"reverse")}>
                  ${t("pressReverse")}
                </button>
              `}
            </div>
          </li>
        `)}
    </ul>
    <button onClick=${()=>e.refreshList()}>${t("listRefresh")}</button>
  `}function Nt(e,{language:t}){return new Intl.DateTimeFormat(t,{hour:"2-digit",minute:"2-digit",hourCycle:"h23"}).format(e)}function _t(e){let{desk:t,t:n}=e,{phase:r,verdict:s}=t.sale;if(t.screen!=="sale"||r!=="result"||s===null)return"";let o=s.headline==="paid"&&s.isTest;return[n(o?"paidTest":s.headline),...Ce(e,s)].join(". ")}var Lt={yes:"M3 13l6 6L21 5",no:"M5 5l14 14M19 5L5 19",question:"M7 8a5 5 0 1 1 7 4.6c-1.5.7-2 1.4-2 3M12 20v.5",busy:"M6 3h12M6 21h12M7 3c0 6 5 6 5 9s-5 3-5 9M17 3c0 6-5 6-5 9s5 3 5 9",undo:"M9 4L4 9l5 5M4 9h10a6 6 0 0 1 0 12h-3",talk:"M3 5h18v11H11l-5 5v-5H3zM8 10.5h8",stop:"M7 3h10l4 4v10l-4 4H7l-4-4V7zM8 12h8",back:"M9 5h12v14H9l-6-7zM12 9l5 6M17 9l-5 6",camera:"M3 7h4l2-3h6l2 3h4v13H3zM12 17a4 4 0 1 0 0-8 4 4 0 0 0 0 8",sound:"M4 9v6h4l5 4V5L8 9zM16 9c1.5 2 1.5 4 0 6M19 6c3 4 3 8 0 12",silent:"M4 9v6h4l5 4V5L8 9zM16 9l5 6M21 9l-5 6",lock:"M5 11h14v10H5zM8 11V8a4 4 0 0 1 8 0v3"};function h(e){return i`
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d=${Lt[e]} />
    </svg>
  `}var E=class{#n=[];#e=-1/0;push(t,n){let r=n-this.#e>90?this.#t():[];if(this.#e=n,t==="Enter"||t==="Tab")return this.#n.length>=8?{typed:[...r,...this.#t()],isPartOfScan:!0}:{typed:[...r,...this.#t(),{kind:"keys",keys:[t]}],isPartOfScan:!1};let s=[...t].length===1?t:null;return s===null?t==="Shift"?{typed:r,isPartOfScan:!1}:{typed:[...r,...this.#t(),{kind:"keys",keys:[t]}],isPartOfScan:!1}:(this.#n.length<256&&this.#n.push(s),{typed:r,isPartOfScan:this.#n.length>1})}flush(){return this.#t()}#t(){let t=this.#n;return this.#n=[],t.length===0?[]:t.length>=8?[{kind:"scan",text:t.join("")}]:[{kind:"keys",keys:t}]}};var Ht=200,$e=Z();j($e);var B=!1,Pe="";function Kt(){B||(B=!0,queueMicrotask(()=>{B=!1,V(ve({desk:c,setVideo:Bt}),document.body);let{screen:e,sale:t,toReverse:n}=c,r=`${e} ${t.phase} ${t.verdict?.headline} ${n!==null}`;if(r===Pe)return;Pe=r,(document.querySelector("button.first")??document.querySelector("#focus"))?.focus()}))}var G=null,U=null;async function Bt(e){if(e===U||(U=e,G?.stop(),G=null,e===null))return;c.setCamera("starting");let t=await Q(e,r=>c.read(r,"camera")),n=U===e;typeof t=="string"?n&&c.setCamera(t):n?(G=t,c.setCamera("on")):t.stop()}var Ae=new E,De;function Ee(e){return e instanceof HTMLInputElement||e instanceof HTMLSelectElement}function Oe(){return document.activeElement instanceof HTMLButtonElement}function Gt(e){let{phase:t}=c.sale;if(!(c.screen!=="sale"||c.toReverse!==null)){if(t==="amount")/^\d$/.test(e)?c.type(e):e==="Backspace"?c.type("back"):e==="Delete"||e==="Escape"?c.type("clear"):e==="Enter"&&!Oe()&&c.charge();else if(t==="scan"){let{typedCode:n}=c;/^\d$/.test(e)?c.typeCode(n+e):e==="Backspace"?c.typeCode(n.slice(0,-1)):e==="Enter"&&n!==""&&!Oe()&&c.read(n,"entered")}}}function Me(e){for(let t of e)t.kind==="scan"?c.read(t.text,"scanner"):t.keys.forEach(Gt)}function Ut(e){if(Ee(e.target)||e.altKey||e.metaKey)return;if(e.repeat&&e.key==="Enter")return e.preventDefault();if(e.ctrlKey&&e.key!=="]")return;let t=e.ctrlKey?"":e.key,{typed:n,isPartOfScan:r}=Ae.push(t,e.timeStamp);r&&(e.preventDefault(),e.stopPropagation()),Me(n),clearTimeout(De),De=setTimeout(()=>Me(Ae.flush()),90)}function Vt(e){Ee(e.target)||c.screen!=="sale"||c.read(e.clipboardData?.getData("text").trim()??"","entered")}function Wt(){return navigator.locks===void 0?Promise.resolve():new Promise(e=>{navigator.locks.request("offcode-till",()=>(e(),new Promise(()=>{})))})}var Yt=500;async function Xt(){let e=setTimeout(()=>c.stop("otherTab"),Yt);await Wt(),clearTimeout(e);try{c.start(await $.open(f.nowMs()))}catch{return c.stop("storageFails")}document.addEventListener("keydown",Ut,{capture:!0}),document.addEventListener("paste",Vt),addEventListener("online",()=>c.setOffline(!1)),addEventListener("offline",()=>c.setOffline(!0)),setInterval(()=>c.tick(),Ht)}var c=new O($e,Kt);await Xt();
