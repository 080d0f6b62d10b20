import{a as Wo}from"./chunk-YQJH4ZDN.js";import{a as q,b as be,c as Lo,d as cn,e as Po}from"./chunk-SHMLOY7P.js";import{b as Eo,c as Do,d as bs,e as Ro,f as No,g as Fo,h as Ko,i as Vo,j as _,k as Sl,n as Cl}from"./chunk-YGQE3V7X.js";import{a as Ta,b as Ma}from"./chunk-SQE76S5B.js";var Li=Ta((_f,Ei)=>{"use strict";var Ha="uplot",za="u-hz",Ia="u-vt",Ga="u-title",Ua="u-wrap",qa="u-under",Ya="u-over",Qa="u-axis",fn="u-off",ja="u-select",Ja="u-cursor-x",Za="u-cursor-y",Xa="u-cursor-pt",ec="u-legend",tc="u-live",nc="u-inline",lc="u-series",sc="u-marker",or="u-label",oc="u-value",rl="width",il="height",rr="bottom",Kn="left",vs="right",Ws="#000",ir=Ws+"0",Ss="mousemove",ar="mousedown",Cs="mouseup",cr="mouseenter",ur="mouseleave",dr="dblclick",rc="resize",ic="scroll",fr="change",Dl="dppxchange",Bs="--",Gn=typeof window<"u",Os=Gn?document:null,Wn=Gn?window:null,ac=Gn?navigator:null,ie,Ol;function Es(){let e=devicePixelRatio;ie!=e&&(ie=e,Ol&&Ps(fr,Ol,Es),Ol=matchMedia(`(min-resolution: ${ie-.001}dppx) and (max-resolution: ${ie+.001}dppx)`),pn(fr,Ol,Es),Wn.dispatchEvent(new CustomEvent(Dl)))}function ct(e,t){if(t!=null){let l=e.classList;!l.contains(t)&&l.add(t)}}function Ls(e,t){let l=e.classList;l.contains(t)&&l.remove(t)}function $e(e,t,l){e.style[t]=l+"px"}function Ct(e,t,l,n){let o=Os.createElement(e);return t!=null&&ct(o,t),l?.insertBefore(o,n),o}function wt(e,t){return Ct("div",e,t)}var pr=new WeakMap;function Ft(e,t,l,n,o){let a="translate("+t+"px,"+l+"px)",i=pr.get(e);a!=i&&(e.style.transform=a,pr.set(e,a),t<0||l<0||t>n||l>o?ct(e,fn):Ls(e,fn))}var mr=new WeakMap;function hr(e,t,l){let n=t+l,o=mr.get(e);n!=o&&(mr.set(e,n),e.style.background=t,e.style.borderColor=l)}var gr=new WeakMap;function yr(e,t,l,n){let o=t+""+l,a=gr.get(e);o!=a&&(gr.set(e,o),e.style.height=l+"px",e.style.width=t+"px",e.style.marginLeft=n?-t/2+"px":0,e.style.marginTop=n?-l/2+"px":0)}var Hs={passive:!0},cc={...Hs,capture:!0};function pn(e,t,l,n){t.addEventListener(e,l,n?cc:Hs)}function Ps(e,t,l,n){t.removeEventListener(e,l,Hs)}Gn&&Es();function xt(e,t,l,n){let o;l=l||0,n=n||t.length-1;let a=n<=2147483647;for(;n-l>1;)o=a?l+n>>1:ut((l+n)/2),t[o]<e?l=o:n=o;return e-t[l]<=t[n]-e?l:n}function Gr(e){return(l,n,o)=>{let a=-1,i=-1;for(let c=n;c<=o;c++)if(e(l[c])){a=c;break}for(let c=o;c>=n;c--)if(e(l[c])){i=c;break}return[a,i]}}var Ur=e=>e!=null,qr=e=>e!=null&&e>0,Fl=Gr(Ur),uc=Gr(qr);function dc(e,t,l,n=0,o=!1){let a=o?uc:Fl,i=o?qr:Ur;[t,l]=a(e,t,l);let c=e[t],d=e[t];if(t>-1)if(n==1)c=e[t],d=e[l];else if(n==-1)c=e[l],d=e[t];else for(let f=t;f<=l;f++){let y=e[f];i(y)&&(y<c?c=y:y>d&&(d=y))}return[c??pe,d??-pe]}function Kl(e,t,l,n){let o=br(e),a=br(t);e==t&&(o==-1?(e*=l,t/=l):(e/=l,t*=l));let i=l==10?Ht:Yr,c=o==1?ut:_t,d=a==1?_t:ut,f=c(i(De(e))),y=d(i(De(t))),m=Bn(l,f),g=Bn(l,y);return l==10&&(f<0&&(m=me(m,-f)),y<0&&(g=me(g,-y))),n||l==2?(e=m*o,t=g*a):(e=Zr(e,m),t=Vl(t,g)),[e,t]}function zs(e,t,l,n){let o=Kl(e,t,l,n);return e==0&&(o[0]=0),t==0&&(o[1]=0),o}var Is=.1,wr={mode:3,pad:Is},cl={pad:0,soft:null,mode:0},fc={min:cl,max:cl};function Rl(e,t,l,n){return Wl(l)?_r(e,t,l):(cl.pad=l,cl.soft=n?0:null,cl.mode=n?3:0,_r(e,t,fc))}function oe(e,t){return e??t}function pc(e,t,l){for(t=oe(t,0),l=oe(l,e.length-1);t<=l;){if(e[t]!=null)return!0;t++}return!1}function _r(e,t,l){let n=l.min,o=l.max,a=oe(n.pad,0),i=oe(o.pad,0),c=oe(n.hard,-pe),d=oe(o.hard,pe),f=oe(n.soft,pe),y=oe(o.soft,-pe),m=oe(n.mode,0),g=oe(o.mode,0),v=t-e,k=Ht(v),A=et(De(e),De(t)),V=Ht(A),H=De(V-k);(v<1e-24||H>10)&&(v=0,(e==0||t==0)&&(v=1e-24,m==2&&f!=pe&&(a=0),g==2&&y!=-pe&&(i=0)));let C=v||A||1e3,W=Ht(C),x=Bn(10,ut(W)),j=C*(v==0?e==0?.1:1:a),P=me(Zr(e-j,x/10),24),J=e>=f&&(m==1||m==3&&P<=f||m==2&&P>=f)?f:pe,U=et(c,P<J&&e>=J?J:Tt(J,P)),ee=C*(v==0?t==0?.1:1:i),G=me(Vl(t+ee,x/10),24),T=t<=y&&(g==1||g==3&&G>=y||g==2&&G<=y)?y:-pe,Q=Tt(d,G>T&&t<=T?T:et(T,G));return U==Q&&U==0&&(Q=100),[U,Q]}var mc=new Intl.NumberFormat(Gn?ac.language:"en-US"),Gs=e=>mc.format(e),dt=Math,Pl=dt.PI,De=dt.abs,ut=dt.floor,Pe=dt.round,_t=dt.ceil,Tt=dt.min,et=dt.max,Bn=dt.pow,br=dt.sign,Ht=dt.log10,Yr=dt.log2,hc=(e,t=1)=>dt.sinh(e)*t,xs=(e,t=1)=>dt.asinh(e/t),pe=1/0;function $r(e){return(Ht((e^e>>31)-(e>>31))|0)+1}function Ds(e,t,l){return Tt(et(e,t),l)}function Qr(e){return typeof e=="function"}function te(e){return Qr(e)?e:()=>e}var gc=()=>{},jr=e=>e,Jr=(e,t)=>t,yc=e=>null,kr=e=>!0,vr=(e,t)=>e==t,wc=/\.\d*?(?=9{6,}|0{6,})/gm,mn=e=>{if(ei(e)||Jt.has(e))return e;let t=`${e}`,l=t.match(wc);if(l==null)return e;let n=l[0].length-1;if(t.indexOf("e-")!=-1){let[o,a]=t.split("e");return+`${mn(o)}e${a}`}return me(e,n)};function un(e,t){return mn(me(mn(e/t))*t)}function Vl(e,t){return mn(_t(mn(e/t))*t)}function Zr(e,t){return mn(ut(mn(e/t))*t)}function me(e,t=0){if(ei(e))return e;let l=10**t,n=e*l*(1+Number.EPSILON);return Pe(n)/l}var Jt=new Map;function Xr(e){return((""+e).split(".")[1]||"").length}function dl(e,t,l,n){let o=[],a=n.map(Xr);for(let i=t;i<l;i++){let c=De(i),d=me(Bn(e,i),c);for(let f=0;f<n.length;f++){let y=e==10?+`${n[f]}e${i}`:n[f]*d,m=(i>=0?0:c)+(i>=a[f]?0:a[f]),g=e==10?y:me(y,m);o.push(g),Jt.set(g,m)}}return o}var ul={},Us=[],Hn=[null,null],jt=Array.isArray,ei=Number.isInteger,_c=e=>e===void 0;function Sr(e){return typeof e=="string"}function Wl(e){let t=!1;if(e!=null){let l=e.constructor;t=l==null||l==Object}return t}function bc(e){return e!=null&&typeof e=="object"}var $c=Object.getPrototypeOf(Uint8Array),ti="__proto__";function zn(e,t=Wl){let l;if(jt(e)){let n=e.find(o=>o!=null);if(jt(n)||t(n)){l=Array(e.length);for(let o=0;o<e.length;o++)l[o]=zn(e[o],t)}else l=e.slice()}else if(e instanceof $c)l=e.slice();else if(t(e)){l={};for(let n in e)n!=ti&&(l[n]=zn(e[n],t))}else l=e;return l}function Oe(e){let t=arguments;for(let l=1;l<t.length;l++){let n=t[l];for(let o in n)o!=ti&&(Wl(e[o])?Oe(e[o],zn(n[o])):e[o]=zn(n[o]))}return e}var kc=0,vc=1,Sc=2;function Cc(e,t,l){for(let n=0,o,a=-1;n<t.length;n++){let i=t[n];if(i>a){for(o=i-1;o>=0&&e[o]==null;)e[o--]=null;for(o=i+1;o<l&&e[o]==null;)e[a=o++]=null}}}function xc(e,t){if(Ac(e)){let i=e[0].slice();for(let c=1;c<e.length;c++)i.push(...e[c].slice(1));return Oc(i[0])||(i=Mc(i)),i}let l=new Set;for(let i=0;i<e.length;i++){let d=e[i][0],f=d.length;for(let y=0;y<f;y++)l.add(d[y])}let n=[Array.from(l).sort((i,c)=>i-c)],o=n[0].length,a=new Map;for(let i=0;i<o;i++)a.set(n[0][i],i);for(let i=0;i<e.length;i++){let c=e[i],d=c[0];for(let f=1;f<c.length;f++){let y=c[f],m=Array(o).fill(void 0),g=t?t[i][f]:vc,v=[];for(let k=0;k<y.length;k++){let A=y[k],V=a.get(d[k]);A===null?g!=kc&&(m[V]=A,g==Sc&&v.push(V)):m[V]=A}Cc(m,v,o),n.push(m)}}return n}var Tc=typeof queueMicrotask>"u"?e=>Promise.resolve().then(e):queueMicrotask;function Mc(e){let t=e[0],l=t.length,n=Array(l);for(let a=0;a<n.length;a++)n[a]=a;n.sort((a,i)=>t[a]-t[i]);let o=[];for(let a=0;a<e.length;a++){let i=e[a],c=Array(l);for(let d=0;d<l;d++)c[d]=i[n[d]];o.push(c)}return o}function Ac(e){let t=e[0][0],l=t.length;for(let n=1;n<e.length;n++){let o=e[n][0];if(o.length!=l)return!1;if(o!=t){for(let a=0;a<l;a++)if(o[a]!=t[a])return!1}}return!0}function Oc(e,t=100){let l=e.length;if(l<=1)return!0;let n=0,o=l-1;for(;n<=o&&e[n]==null;)n++;for(;o>=n&&e[o]==null;)o--;if(o<=n)return!0;let a=et(1,ut((o-n+1)/t));for(let i=e[n],c=n+a;c<=o;c+=a){let d=e[c];if(d!=null){if(d<=i)return!1;i=d}}return!0}var ni=["January","February","March","April","May","June","July","August","September","October","November","December"],li=["Sunday","Monday","Tuesday","Wednesday","Thursday","Friday","Saturday"];function si(e){return e.slice(0,3)}var Ec=li.map(si),Lc=ni.map(si),Pc={MMMM:ni,MMM:Lc,WWWW:li,WWW:Ec};function ol(e){return(e<10?"0":"")+e}function Dc(e){return(e<10?"00":e<100?"0":"")+e}var Rc={YYYY:e=>e.getFullYear(),YY:e=>(e.getFullYear()+"").slice(2),MMMM:(e,t)=>t.MMMM[e.getMonth()],MMM:(e,t)=>t.MMM[e.getMonth()],MM:e=>ol(e.getMonth()+1),M:e=>e.getMonth()+1,DD:e=>ol(e.getDate()),D:e=>e.getDate(),WWWW:(e,t)=>t.WWWW[e.getDay()],WWW:(e,t)=>t.WWW[e.getDay()],HH:e=>ol(e.getHours()),H:e=>e.getHours(),h:e=>{let t=e.getHours();return t==0?12:t>12?t-12:t},AA:e=>e.getHours()>=12?"PM":"AM",aa:e=>e.getHours()>=12?"pm":"am",a:e=>e.getHours()>=12?"p":"a",mm:e=>ol(e.getMinutes()),m:e=>e.getMinutes(),ss:e=>ol(e.getSeconds()),s:e=>e.getSeconds(),fff:e=>Dc(e.getMilliseconds())};function qs(e,t){t=t||Pc;let l=[],n=/\{([a-z]+)\}|[^{]+/gi,o;for(;o=n.exec(e);)l.push(o[0][0]=="{"?Rc[o[1]]:o[0]);return a=>{let i="";for(let c=0;c<l.length;c++)i+=typeof l[c]=="string"?l[c]:l[c](a,t);return i}}var Nc=new Intl.DateTimeFormat().resolvedOptions().timeZone;function Fc(e,t){let l;return t=="UTC"||t=="Etc/UTC"?l=new Date(+e+e.getTimezoneOffset()*6e4):t==Nc?l=e:(l=new Date(e.toLocaleString("en-US",{timeZone:t})),l.setMilliseconds(e.getMilliseconds())),l}var oi=e=>e%1==0,Nl=[1,2,2.5,5],Kc=dl(10,-32,0,Nl),ri=dl(10,0,32,Nl),Vc=ri.filter(oi),dn=Kc.concat(ri),Ys=`
`,ii="{YYYY}",Cr=Ys+ii,ai="{M}/{D}",al=Ys+ai,El=al+"/{YY}",ci="{aa}",Wc="{h}:{mm}",Vn=Wc+ci,xr=Ys+Vn,Tr=":{ss}",ue=null;function ui(e){let t=e*1e3,l=t*60,n=l*60,o=n*24,a=o*30,i=o*365,d=(e==1?dl(10,0,3,Nl).filter(oi):dl(10,-3,0,Nl)).concat([t,t*5,t*10,t*15,t*30,l,l*5,l*10,l*15,l*30,n,n*2,n*3,n*4,n*6,n*8,n*12,o,o*2,o*3,o*4,o*5,o*6,o*7,o*8,o*9,o*10,o*15,a,a*2,a*3,a*4,a*6,i,i*2,i*5,i*10,i*25,i*50,i*100]),f=[[i,ii,ue,ue,ue,ue,ue,ue,1],[o*28,"{MMM}",Cr,ue,ue,ue,ue,ue,1],[o,ai,Cr,ue,ue,ue,ue,ue,1],[n,"{h}"+ci,El,ue,al,ue,ue,ue,1],[l,Vn,El,ue,al,ue,ue,ue,1],[t,Tr,El+" "+Vn,ue,al+" "+Vn,ue,xr,ue,1],[e,Tr+".{fff}",El+" "+Vn,ue,al+" "+Vn,ue,xr,ue,1]];function y(m){return(g,v,k,A,V,H)=>{let C=[],W=V>=i,x=V>=a&&V<i,j=m(k),P=me(j*e,3),J=Ts(j.getFullYear(),W?0:j.getMonth(),x||W?1:j.getDate()),U=me(J*e,3);if(x||W){let ee=x?V/a:0,G=W?V/i:0,T=P==U?P:me(Ts(J.getFullYear()+G,J.getMonth()+ee,1)*e,3),Q=new Date(Pe(T/e)),D=Q.getFullYear(),z=Q.getMonth();for(let K=0;T<=A;K++){let ne=Ts(D+G*K,z+ee*K,1),F=ne-m(me(ne*e,3));T=me((+ne+F)*e,3),T<=A&&C.push(T)}}else{let ee=V>=o?o:V,G=ut(k)-ut(P),T=U+G+Vl(P-U,ee);C.push(T);let Q=m(T),D=Q.getHours()+Q.getMinutes()/l+Q.getSeconds()/n,z=V/n,K=g.axes[v]._space,ne=H/K;for(;T=me(T+V,e==1?0:3),!(T>A);)if(z>1){let F=ut(me(D+z,6))%24,le=m(T).getHours()-F;le>1&&(le=-1),T-=le*n,D=(D+z)%24;let de=C[C.length-1];me((T-de)/V,3)*ne>=.7&&C.push(T)}else C.push(T)}return C}}return[d,f,y]}var[Bc,Hc,zc]=ui(1),[Ic,Gc,Uc]=ui(.001);dl(2,-53,53,[1]);function Mr(e,t){return e.map(l=>l.map((n,o)=>o==0||o==8||n==null?n:t(o==1||l[8]==0?n:l[1]+n)))}function Ar(e,t){return(l,n,o,a,i)=>{let c=t.find(k=>i>=k[0])||t[t.length-1],d,f,y,m,g,v;return n.map(k=>{let A=e(k),V=A.getFullYear(),H=A.getMonth(),C=A.getDate(),W=A.getHours(),x=A.getMinutes(),j=A.getSeconds(),P=V!=d&&c[2]||H!=f&&c[3]||C!=y&&c[4]||W!=m&&c[5]||x!=g&&c[6]||j!=v&&c[7]||c[1];return d=V,f=H,y=C,m=W,g=x,v=j,P(A)})}}function qc(e,t){let l=qs(t);return(n,o,a,i,c)=>o.map(d=>l(e(d)))}function Ts(e,t,l){return new Date(e,t,l)}function Or(e,t){return t(e)}var Yc="{YYYY}-{MM}-{DD} {h}:{mm}{aa}";function Er(e,t){return(l,n,o,a)=>a==null?Bs:t(e(n))}function Qc(e,t){let l=e.series[t];return l.width?l.stroke(e,t):l.points.width?l.points.stroke(e,t):null}function jc(e,t){return e.series[t].fill(e,t)}var Jc={show:!0,live:!0,isolate:!1,mount:gc,markers:{show:!0,width:2,stroke:Qc,fill:jc,dash:"solid"},idx:null,idxs:null,values:[]};function Zc(e,t){let l=e.cursor.points,n=wt(),o=l.size(e,t);$e(n,rl,o),$e(n,il,o);let a=o/-2;$e(n,"marginLeft",a),$e(n,"marginTop",a);let i=l.width(e,t,o);return i&&$e(n,"borderWidth",i),n}function Xc(e,t){let l=e.series[t].points;return l._fill||l._stroke}function eu(e,t){let l=e.series[t].points;return l._stroke||l._fill}function tu(e,t){return e.series[t].points.size}var Ms=[0,0];function nu(e,t,l){return Ms[0]=t,Ms[1]=l,Ms}function Ll(e,t,l,n=!0){return o=>{o.button==0&&(!n||o.target==t)&&l(o)}}function As(e,t,l,n=!0){return o=>{(!n||o.target==t)&&l(o)}}var lu={show:!0,x:!0,y:!0,lock:!1,move:nu,points:{one:!1,show:Zc,size:tu,width:0,stroke:eu,fill:Xc},bind:{mousedown:Ll,mouseup:Ll,click:Ll,dblclick:Ll,mousemove:As,mouseleave:As,mouseenter:As},drag:{setScale:!0,x:!0,y:!1,dist:0,uni:null,click:(e,t)=>{t.stopPropagation(),t.stopImmediatePropagation()},_x:!1,_y:!1},focus:{dist:(e,t,l,n,o)=>n-o,prox:-1,bias:0},hover:{skip:[void 0],prox:null,bias:0},left:-10,top:-10,idx:null,dataIdx:null,idxs:null,event:null},di={show:!0,stroke:"rgba(0,0,0,0.07)",width:2},Qs=Oe({},di,{filter:Jr}),fi=Oe({},Qs,{size:10}),pi=Oe({},di,{show:!1}),js='12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Segoe UI Symbol", "Noto Color Emoji"',mi="bold "+js,hi=1.5,Lr={show:!0,scale:"x",stroke:Ws,space:50,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:mi,side:2,grid:Qs,ticks:fi,border:pi,font:js,lineGap:hi,rotate:0},su="Value",ou="Time",Pr={show:!0,scale:"x",auto:!1,sorted:1,min:pe,max:-pe,idxs:[]};function ru(e,t,l,n,o){return t.map(a=>a==null?"":Gs(a))}function iu(e,t,l,n,o,a,i){let c=[],d=Jt.get(o)||0;l=i?l:me(Vl(l,o),d);for(let f=l;f<=n;f=me(f+o,d))c.push(Object.is(f,-0)?0:f);return c}function Rs(e,t,l,n,o,a,i){let c=[],d=e.scales[e.axes[t].scale].log,f=d==10?Ht:Yr,y=ut(f(l));o=Bn(d,y),d==10&&(o=dn[xt(o,dn)]);let m=l,g=o*d;d==10&&(g=dn[xt(g,dn)]);do c.push(m),m=m+o,d==10&&!Jt.has(m)&&(m=me(m,Jt.get(o))),m>=g&&(o=m,g=o*d,d==10&&(g=dn[xt(g,dn)]));while(m<=n);return c}function au(e,t,l,n,o,a,i){let d=e.scales[e.axes[t].scale].asinh,f=n>d?Rs(e,t,et(d,l),n,o):[d],y=n>=0&&l<=0?[0]:[];return(l<-d?Rs(e,t,et(d,-n),-l,o):[d]).reverse().map(g=>-g).concat(y,f)}var gi=/./,cu=/[12357]/,uu=/[125]/,Dr=/1/,Ns=(e,t,l,n)=>e.map((o,a)=>t==4&&o==0||a%n==0&&l.test(o.toExponential()[o<0?1:0])?o:null);function du(e,t,l,n,o){let a=e.axes[l],i=a.scale,c=e.scales[i],d=e.valToPos,f=a._space,y=d(10,i),m=d(9,i)-y>=f?gi:d(7,i)-y>=f?cu:d(5,i)-y>=f?uu:Dr;if(m==Dr){let g=De(d(1,i)-y);if(g<f)return Ns(t.slice().reverse(),c.distr,m,_t(f/g)).reverse()}return Ns(t,c.distr,m,1)}function fu(e,t,l,n,o){let a=e.axes[l],i=a.scale,c=a._space,d=e.valToPos,f=De(d(1,i)-d(2,i));return f<c?Ns(t.slice().reverse(),3,gi,_t(c/f)).reverse():t}function pu(e,t,l,n){return n==null?Bs:t==null?"":Gs(t)}var Rr={show:!0,scale:"y",stroke:Ws,space:30,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:mi,side:3,grid:Qs,ticks:fi,border:pi,font:js,lineGap:hi,rotate:0};function mu(e,t){let l=3+(e||1)*2;return me(l*t,3)}function hu(e,t){let{scale:l,idxs:n}=e.series[0],o=e._data[0],a=e.valToPos(o[n[0]],l,!0),i=e.valToPos(o[n[1]],l,!0),c=De(i-a),d=e.series[t],f=c/(d.points.space*ie);return n[1]-n[0]<=f}var Nr={scale:null,auto:!0,sorted:0,min:pe,max:-pe},yi=(e,t,l,n,o)=>o,Fr={show:!0,auto:!0,sorted:0,gaps:yi,alpha:1,facets:[Oe({},Nr,{scale:"x"}),Oe({},Nr,{scale:"y"})]},Kr={scale:"y",auto:!0,sorted:0,show:!0,spanGaps:!1,gaps:yi,alpha:1,points:{show:hu,filter:null},values:null,min:pe,max:-pe,idxs:[],path:null,clip:null};function gu(e,t,l,n,o){return l/10}var wi={time:!0,auto:!0,distr:1,log:10,asinh:1,min:null,max:null,dir:1,ori:0},yu=Oe({},wi,{time:!1,ori:1}),Vr={};function _i(e,t){let l=Vr[e];return l||(l={key:e,plots:[],sub(n){l.plots.push(n)},unsub(n){l.plots=l.plots.filter(o=>o!=n)},pub(n,o,a,i,c,d,f){for(let y=0;y<l.plots.length;y++)l.plots[y]!=o&&l.plots[y].pub(n,o,a,i,c,d,f)}},e!=null&&(Vr[e]=l)),l}var In=1,Fs=2;function hn(e,t,l){let n=e.mode,o=e.series[t],a=n==2?e._data[t]:e._data,i=e.scales,c=e.bbox,d=a[0],f=n==2?a[1]:a[t],y=n==2?i[o.facets[0].scale]:i[e.series[0].scale],m=n==2?i[o.facets[1].scale]:i[o.scale],g=c.left,v=c.top,k=c.width,A=c.height,V=e.valToPosH,H=e.valToPosV;return y.ori==0?l(o,d,f,y,m,V,H,g,v,k,A,Hl,Un,Il,$i,vi):l(o,d,f,y,m,H,V,v,g,A,k,zl,qn,Xs,ki,Si)}function Js(e,t){let l=0,n=0,o=oe(e.bands,Us);for(let a=0;a<o.length;a++){let i=o[a];i.series[0]==t?l=i.dir:i.series[1]==t&&(i.dir==1?n|=1:n|=2)}return[l,n==1?-1:n==2?1:n==3?2:0]}function wu(e,t,l,n,o){let a=e.mode,i=e.series[t],c=a==2?i.facets[1].scale:i.scale,d=e.scales[c];return o==-1?d.min:o==1?d.max:d.distr==3?d.dir==1?d.min:d.max:0}function zt(e,t,l,n,o,a){return hn(e,t,(i,c,d,f,y,m,g,v,k,A,V)=>{let H=i.pxRound,C=f.dir*(f.ori==0?1:-1),W=f.ori==0?Un:qn,x,j;C==1?(x=l,j=n):(x=n,j=l);let P=H(m(c[x],f,A,v)),J=H(g(d[x],y,V,k)),U=H(m(c[j],f,A,v)),ee=H(g(a==1?y.max:y.min,y,V,k)),G=new Path2D(o);return W(G,U,ee),W(G,P,ee),W(G,P,J),G})}function Bl(e,t,l,n,o,a){let i=null;if(e.length>0){i=new Path2D;let c=t==0?Il:Xs,d=l;for(let m=0;m<e.length;m++){let g=e[m];if(g[1]>g[0]){let v=g[0]-d;v>0&&c(i,d,n,v,n+a),d=g[1]}}let f=l+o-d,y=10;f>0&&c(i,d,n-y/2,f,n+a+y)}return i}function _u(e,t,l){let n=e[e.length-1];n&&n[0]==t?n[1]=l:e.push([t,l])}function Zs(e,t,l,n,o,a,i){let c=[],d=e.length;for(let f=o==1?l:n;f>=l&&f<=n;f+=o)if(t[f]===null){let m=f,g=f;if(o==1)for(;++f<=n&&t[f]===null;)g=f;else for(;--f>=l&&t[f]===null;)g=f;let v=a(e[m]),k=g==m?v:a(e[g]),A=m-o;v=i<=0&&A>=0&&A<d?a(e[A]):v;let H=g+o;k=i>=0&&H>=0&&H<d?a(e[H]):k,k>=v&&c.push([v,k])}return c}function Wr(e){return e==0?jr:e==1?Pe:t=>un(t,e)}function bi(e){let t=e==0?Hl:zl,l=e==0?(o,a,i,c,d,f)=>{o.arcTo(a,i,c,d,f)}:(o,a,i,c,d,f)=>{o.arcTo(i,a,d,c,f)},n=e==0?(o,a,i,c,d)=>{o.rect(a,i,c,d)}:(o,a,i,c,d)=>{o.rect(i,a,d,c)};return(o,a,i,c,d,f=0,y=0)=>{f==0&&y==0?n(o,a,i,c,d):(f=Tt(f,c/2,d/2),y=Tt(y,c/2,d/2),t(o,a+f,i),l(o,a+c,i,a+c,i+d,f),l(o,a+c,i+d,a,i+d,y),l(o,a,i+d,a,i,y),l(o,a,i,a+c,i,f),o.closePath())}}var Hl=(e,t,l)=>{e.moveTo(t,l)},zl=(e,t,l)=>{e.moveTo(l,t)},Un=(e,t,l)=>{e.lineTo(t,l)},qn=(e,t,l)=>{e.lineTo(l,t)},Il=bi(0),Xs=bi(1),$i=(e,t,l,n,o,a)=>{e.arc(t,l,n,o,a)},ki=(e,t,l,n,o,a)=>{e.arc(l,t,n,o,a)},vi=(e,t,l,n,o,a,i)=>{e.bezierCurveTo(t,l,n,o,a,i)},Si=(e,t,l,n,o,a,i)=>{e.bezierCurveTo(l,t,o,n,i,a)};function Ci(e){return(t,l,n,o,a)=>hn(t,l,(i,c,d,f,y,m,g,v,k,A,V)=>{let{pxRound:H,points:C}=i,W,x;f.ori==0?(W=Hl,x=$i):(W=zl,x=ki);let j=me(C.width*ie,3),P=(C.size-C.width)/2*ie,J=me(P*2,3),U=new Path2D,ee=new Path2D,{left:G,top:T,width:Q,height:D}=t.bbox;Il(ee,G-J,T-J,Q+J*2,D+J*2);let z=K=>{if(d[K]!=null){let ne=H(m(c[K],f,A,v)),F=H(g(d[K],y,V,k));W(U,ne+P,F),x(U,ne,F,P,0,Pl*2)}};if(a)a.forEach(z);else for(let K=n;K<=o;K++)z(K);return{stroke:j>0?U:null,fill:U,clip:ee,flags:In|Fs}})}function xi(e){return(t,l,n,o,a,i)=>{n!=o&&(a!=n&&i!=n&&e(t,l,n),a!=o&&i!=o&&e(t,l,o),e(t,l,i))}}var bu=xi(Un),$u=xi(qn);function Ti(e){let t=oe(e?.alignGaps,0);return(l,n,o,a)=>hn(l,n,(i,c,d,f,y,m,g,v,k,A,V)=>{[o,a]=Fl(d,o,a);let H=i.pxRound,C=D=>H(m(D,f,A,v)),W=D=>H(g(D,y,V,k)),x,j;f.ori==0?(x=Un,j=bu):(x=qn,j=$u);let P=f.dir*(f.ori==0?1:-1),J={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:In},U=J.stroke,ee=!1;if(a-o>=A*4){let D=R=>l.posToVal(R,f.key,!0),z=null,K=null,ne,F,tt,ke=C(c[P==1?o:a]),le=C(c[o]),de=C(c[a]),Z=D(P==1?le+1:de-1);for(let R=P==1?o:a;R>=o&&R<=a;R+=P){let Ee=c[R],ve=(P==1?Ee<Z:Ee>Z)?ke:C(Ee),ae=d[R];ve==ke?ae!=null?(F=ae,z==null?(x(U,ve,W(F)),ne=z=K=F):F<z?z=F:F>K&&(K=F)):ae===null&&(ee=!0):(z!=null&&j(U,ke,W(z),W(K),W(ne),W(F)),ae!=null?(F=ae,x(U,ve,W(F)),z=K=ne=F):(z=K=null,ae===null&&(ee=!0)),ke=ve,Z=D(ke+P))}z!=null&&z!=K&&tt!=ke&&j(U,ke,W(z),W(K),W(ne),W(F))}else for(let D=P==1?o:a;D>=o&&D<=a;D+=P){let z=d[D];z===null?ee=!0:z!=null&&x(U,C(c[D]),W(z))}let[T,Q]=Js(l,n);if(i.fill!=null||T!=0){let D=J.fill=new Path2D(U),z=i.fillTo(l,n,i.min,i.max,T),K=W(z),ne=C(c[o]),F=C(c[a]);P==-1&&([F,ne]=[ne,F]),x(D,F,K),x(D,ne,K)}if(!i.spanGaps){let D=[];ee&&D.push(...Zs(c,d,o,a,P,C,t)),J.gaps=D=i.gaps(l,n,o,a,D),J.clip=Bl(D,f.ori,v,k,A,V)}return Q!=0&&(J.band=Q==2?[zt(l,n,o,a,U,-1),zt(l,n,o,a,U,1)]:zt(l,n,o,a,U,Q)),J})}function ku(e){let t=oe(e.align,1),l=oe(e.ascDesc,!1),n=oe(e.alignGaps,0),o=oe(e.extend,!1);return(a,i,c,d)=>hn(a,i,(f,y,m,g,v,k,A,V,H,C,W)=>{[c,d]=Fl(m,c,d);let x=f.pxRound,{left:j,width:P}=a.bbox,J=le=>x(k(le,g,C,V)),U=le=>x(A(le,v,W,H)),ee=g.ori==0?Un:qn,G={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:In},T=G.stroke,Q=g.dir*(g.ori==0?1:-1),D=U(m[Q==1?c:d]),z=J(y[Q==1?c:d]),K=z,ne=z;o&&t==-1&&(ne=j,ee(T,ne,D)),ee(T,z,D);for(let le=Q==1?c:d;le>=c&&le<=d;le+=Q){let de=m[le];if(de==null)continue;let Z=J(y[le]),R=U(de);t==1?ee(T,Z,D):ee(T,K,R),ee(T,Z,R),D=R,K=Z}let F=K;o&&t==1&&(F=j+P,ee(T,F,D));let[tt,ke]=Js(a,i);if(f.fill!=null||tt!=0){let le=G.fill=new Path2D(T),de=f.fillTo(a,i,f.min,f.max,tt),Z=U(de);ee(le,F,Z),ee(le,ne,Z)}if(!f.spanGaps){let le=[];le.push(...Zs(y,m,c,d,Q,J,n));let de=f.width*ie/2,Z=l||t==1?de:-de,R=l||t==-1?-de:de;le.forEach(Ee=>{Ee[0]+=Z,Ee[1]+=R}),G.gaps=le=f.gaps(a,i,c,d,le),G.clip=Bl(le,g.ori,V,H,C,W)}return ke!=0&&(G.band=ke==2?[zt(a,i,c,d,T,-1),zt(a,i,c,d,T,1)]:zt(a,i,c,d,T,ke)),G})}function Br(e,t,l,n,o,a,i=pe){if(e.length>1){let c=null;for(let d=0,f=1/0;d<e.length;d++)if(t[d]!==void 0){if(c!=null){let y=De(e[d]-e[c]);y<f&&(f=y,i=De(l(e[d],n,o,a)-l(e[c],n,o,a)))}c=d}}return i}function vu(e){e=e||ul;let t=oe(e.size,[.6,pe,1]),l=e.align||0,n=e.gap||0,o=e.radius;o=o==null?[0,0]:typeof o=="number"?[o,0]:o;let a=te(o),i=1-t[0],c=oe(t[1],pe),d=oe(t[2],1),f=oe(e.disp,ul),y=oe(e.each,v=>{}),{fill:m,stroke:g}=f;return(v,k,A,V)=>hn(v,k,(H,C,W,x,j,P,J,U,ee,G,T)=>{let Q=H.pxRound,D=l,z=n*ie,K=c*ie,ne=d*ie,F,tt;x.ori==0?[F,tt]=a(v,k):[tt,F]=a(v,k);let ke=x.dir*(x.ori==0?1:-1),le=x.ori==0?Il:Xs,de=x.ori==0?y:(E,he,Le,_n,en,Ot,tn)=>{y(E,he,Le,en,_n,tn,Ot)},Z=oe(v.bands,Us).find(E=>E.series[0]==k),R=Z!=null?Z.dir:0,Ee=H.fillTo(v,k,H.min,H.max,R),qe=Q(J(Ee,j,T,ee)),ve,ae,bt,st=G,Ce=Q(H.width*ie),At=!1,Kt=null,ft=null,It=null,gn=null;m!=null&&(Ce==0||g!=null)&&(At=!0,Kt=m.values(v,k,A,V),ft=new Map,new Set(Kt).forEach(E=>{E!=null&&ft.set(E,new Path2D)}),Ce>0&&(It=g.values(v,k,A,V),gn=new Map,new Set(It).forEach(E=>{E!=null&&gn.set(E,new Path2D)})));let{x0:yn,size:Qn}=f;if(yn!=null&&Qn!=null){D=1,C=yn.values(v,k,A,V),yn.unit==2&&(C=C.map(Le=>v.posToVal(U+Le*G,x.key,!0)));let E=Qn.values(v,k,A,V);Qn.unit==2?ae=E[0]*G:ae=P(E[0],x,G,U)-P(0,x,G,U),st=Br(C,W,P,x,G,U,st),bt=st-ae+z}else st=Br(C,W,P,x,G,U,st),bt=st*i+z,ae=st-bt;bt<1&&(bt=0),Ce>=ae/2&&(Ce=0),bt<5&&(Q=jr);let ml=bt>0,Zt=st-bt-(ml?Ce:0);ae=Q(Ds(Zt,ne,K)),ve=(D==0?ae/2:D==ke?0:ae)-D*ke*((D==0?z/2:0)+(ml?Ce/2:0));let Ye={stroke:null,fill:null,clip:null,band:null,gaps:null,flags:0},wn=At?null:new Path2D,Vt=null;if(Z!=null)Vt=v.data[Z.series[1]];else{let{y0:E,y1:he}=f;E!=null&&he!=null&&(W=he.values(v,k,A,V),Vt=E.values(v,k,A,V))}let Xt=F*ae,Y=tt*ae;for(let E=ke==1?A:V;E>=A&&E<=V;E+=ke){let he=W[E];if(he==null)continue;if(Vt!=null){let nt=Vt[E]??0;if(he-nt==0)continue;qe=J(nt,j,T,ee)}let Le=x.distr!=2||f!=null?C[E]:E,_n=P(Le,x,G,U),en=J(oe(he,Ee),j,T,ee),Ot=Q(_n-ve),tn=Q(et(en,qe)),ot=Q(Tt(en,qe)),pt=tn-ot;if(he!=null){let nt=he<0?Y:Xt,$t=he<0?Xt:Y;At?(Ce>0&&It[E]!=null&&le(gn.get(It[E]),Ot,ot+ut(Ce/2),ae,et(0,pt-Ce),nt,$t),Kt[E]!=null&&le(ft.get(Kt[E]),Ot,ot+ut(Ce/2),ae,et(0,pt-Ce),nt,$t)):le(wn,Ot,ot+ut(Ce/2),ae,et(0,pt-Ce),nt,$t),de(v,k,E,Ot-Ce/2,ot,ae+Ce,pt)}}return Ce>0?Ye.stroke=At?gn:wn:At||(Ye._fill=H.width==0?H._fill:H._stroke??H._fill,Ye.width=0),Ye.fill=At?ft:wn,Ye})}function Su(e,t){let l=oe(t?.alignGaps,0);return(n,o,a,i)=>hn(n,o,(c,d,f,y,m,g,v,k,A,V,H)=>{[a,i]=Fl(f,a,i);let C=c.pxRound,W=F=>C(g(F,y,V,k)),x=F=>C(v(F,m,H,A)),j,P,J;y.ori==0?(j=Hl,J=Un,P=vi):(j=zl,J=qn,P=Si);let U=y.dir*(y.ori==0?1:-1),ee=W(d[U==1?a:i]),G=ee,T=[],Q=[];for(let F=U==1?a:i;F>=a&&F<=i;F+=U)if(f[F]!=null){let ke=d[F],le=W(ke);T.push(G=le),Q.push(x(f[F]))}let D={stroke:e(T,Q,j,J,P,C),fill:null,clip:null,band:null,gaps:null,flags:In},z=D.stroke,[K,ne]=Js(n,o);if(c.fill!=null||K!=0){let F=D.fill=new Path2D(z),tt=c.fillTo(n,o,c.min,c.max,K),ke=x(tt);J(F,G,ke),J(F,ee,ke)}if(!c.spanGaps){let F=[];F.push(...Zs(d,f,a,i,U,W,l)),D.gaps=F=c.gaps(n,o,a,i,F),D.clip=Bl(F,y.ori,k,A,V,H)}return ne!=0&&(D.band=ne==2?[zt(n,o,a,i,z,-1),zt(n,o,a,i,z,1)]:zt(n,o,a,i,z,ne)),D})}function Cu(e){return Su(xu,e)}function xu(e,t,l,n,o,a){let i=e.length;if(i<2)return null;let c=new Path2D;if(l(c,e[0],t[0]),i==2)n(c,e[1],t[1]);else{let d=Array(i),f=Array(i-1),y=Array(i-1),m=Array(i-1);for(let g=0;g<i-1;g++)y[g]=t[g+1]-t[g],m[g]=e[g+1]-e[g],f[g]=y[g]/m[g];d[0]=f[0];for(let g=1;g<i-1;g++)f[g]===0||f[g-1]===0||f[g-1]>0!=f[g]>0?d[g]=0:(d[g]=3*(m[g-1]+m[g])/((2*m[g]+m[g-1])/f[g-1]+(m[g]+2*m[g-1])/f[g]),isFinite(d[g])||(d[g]=0));d[i-1]=f[i-2];for(let g=0;g<i-1;g++)o(c,e[g]+m[g]/3,t[g]+d[g]*m[g]/3,e[g+1]-m[g]/3,t[g+1]-d[g+1]*m[g]/3,e[g+1],t[g+1])}return c}var Ks=new Set;function Hr(){for(let e of Ks)e.syncRect(!0)}Gn&&(pn(rc,Wn,Hr),pn(ic,Wn,Hr,!0),pn(Dl,Wn,()=>{Ue.pxRatio=ie}));var Tu=Ti(),Mu=Ci();function zr(e,t,l,n){return(n?[e[0],e[1]].concat(e.slice(2)):[e[0]].concat(e.slice(1))).map((a,i)=>Vs(a,i,t,l))}function Au(e,t){return e.map((l,n)=>n==0?{}:Oe({},t,l))}function Vs(e,t,l,n){return Oe({},t==0?l:n,e)}function Mi(e,t,l){return t==null?Hn:[t,l]}var Ou=Mi;function Eu(e,t,l){return t==null?Hn:Rl(t,l,Is,!0)}function Ai(e,t,l,n){return t==null?Hn:Kl(t,l,e.scales[n].log,!1)}var Lu=Ai;function Oi(e,t,l,n){return t==null?Hn:zs(t,l,e.scales[n].log,!1)}var Pu=Oi;function Du(e,t,l,n,o){let a=et($r(e),$r(t)),i=t-e,c=xt(o/n*i,l);do{let d=l[c],f=n*d/i;if(f>=o&&a+(d<5?Jt.get(d):0)<=17)return[d,f]}while(++c<l.length);return[0,0]}function Ir(e){let t,l;return e=e.replace(/(\d+)px/,(n,o)=>(t=Pe((l=+o)*ie))+"px"),[e,t,l]}function Ru(e){e.show&&[e.font,e.labelFont].forEach(t=>{let l=me(t[2]*ie,1);t[0]=t[0].replace(/[0-9.]+px/,l+"px"),t[1]=l})}function Ue(e,t,l){let n={mode:oe(e.mode,1)},o=n.mode;function a(s,r,u,p){let h=r.valToPct(s);return p+u*(r.dir==-1?1-h:h)}function i(s,r,u,p){let h=r.valToPct(s);return p+u*(r.dir==-1?h:1-h)}function c(s,r,u,p){return r.ori==0?a(s,r,u,p):i(s,r,u,p)}n.valToPosH=a,n.valToPosV=i;let d=!1;n.status=0;let f=n.root=wt(Ha);if(e.id!=null&&(f.id=e.id),ct(f,e.class),e.title){let s=wt(Ga,f);s.textContent=e.title}let y=Ct("canvas"),m=n.ctx=y.getContext("2d"),g=wt(Ua,f);pn("click",g,s=>{s.target===k&&(ye!=On||Se!=En)&&ze.click(n,s)},!0);let v=n.under=wt(qa,g);g.appendChild(y);let k=n.over=wt(Ya,g);e=zn(e);let A=+oe(e.pxAlign,1),V=Wr(A);(e.plugins||[]).forEach(s=>{s.opts&&(e=s.opts(n,e)||e)});let H=e.ms||.001,C=n.series=o==1?zr(e.series||[],Pr,Kr,!1):Au(e.series||[null],Fr),W=n.axes=zr(e.axes||[],Lr,Rr,!0),x=n.scales={},j=n.bands=e.bands||[];j.forEach(s=>{s.fill=te(s.fill||null),s.dir=oe(s.dir,-1)});let P=o==2?C[1].facets[0].scale:C[0].scale,J={axes:fa,series:ia},U=(e.drawOrder||["axes","series"]).map(s=>J[s]);function ee(s){let r=s.distr==3?u=>Ht(u>0?u:s.clamp(n,u,s.min,s.max,s.key)):s.distr==4?u=>xs(u,s.asinh):s.distr==100?u=>s.fwd(u):u=>u;return u=>{let p=r(u),{_min:h,_max:w}=s,b=w-h;return(p-h)/b}}function G(s){let r=x[s];if(r==null){let u=(e.scales||ul)[s]||ul;if(u.from!=null){G(u.from);let p=Oe({},x[u.from],u,{key:s});p.valToPct=ee(p),x[s]=p}else{r=x[s]=Oe({},s==P?wi:yu,u),r.key=s;let p=r.time,h=r.range,w=jt(h);if((s!=P||o==2&&!p)&&(w&&(h[0]==null||h[1]==null)&&(h={min:h[0]==null?wr:{mode:1,hard:h[0],soft:h[0]},max:h[1]==null?wr:{mode:1,hard:h[1],soft:h[1]}},w=!1),!w&&Wl(h))){let b=h;h=($,S,M)=>S==null?Hn:Rl(S,M,b)}r.range=te(h||(p?Ou:s==P?r.distr==3?Lu:r.distr==4?Pu:Mi:r.distr==3?Ai:r.distr==4?Oi:Eu)),r.auto=te(w?!1:r.auto),r.clamp=te(r.clamp||gu),r._min=r._max=null,r.valToPct=ee(r)}}}G("x"),G("y"),o==1&&C.forEach(s=>{G(s.scale)}),W.forEach(s=>{G(s.scale)});for(let s in e.scales)G(s);let T=x[P],Q=T.distr,D,z;T.ori==0?(ct(f,za),D=a,z=i):(ct(f,Ia),D=i,z=a);let K={};for(let s in x){let r=x[s];(r.min!=null||r.max!=null)&&(K[s]={min:r.min,max:r.max},r.min=r.max=null)}let ne=e.tzDate||(s=>new Date(Pe(s/H))),F=e.fmtDate||qs,tt=H==1?zc(ne):Uc(ne),ke=Ar(ne,Mr(H==1?Hc:Gc,F)),le=Er(ne,Or(Yc,F)),de=[],Z=n.legend=Oe({},Jc,e.legend),R=n.cursor=Oe({},lu,{drag:{y:o==2}},e.cursor),Ee=Z.show,qe=R.show,ve=Z.markers;Z.idxs=de,ve.width=te(ve.width),ve.dash=te(ve.dash),ve.stroke=te(ve.stroke),ve.fill=te(ve.fill);let ae,bt,st,Ce=[],At=[],Kt,ft=!1,It={};if(Z.live){let s=C[1]?C[1].values:null;ft=s!=null,Kt=ft?s(n,1,0):{_:0};for(let r in Kt)It[r]=Bs}if(Ee)if(ae=Ct("table",ec,f),st=Ct("tbody",null,ae),Z.mount(n,ae),ft){bt=Ct("thead",null,ae,st);let s=Ct("tr",null,bt);Ct("th",null,s);for(var gn in Kt)Ct("th",or,s).textContent=gn}else ct(ae,nc),Z.live&&ct(ae,tc);let yn={show:!0},Qn={show:!1};function ml(s,r){if(r==0&&(ft||!Z.live||o==2))return Hn;let u=[],p=Ct("tr",lc,st,st.childNodes[r]);ct(p,s.class),s.show||ct(p,fn);let h=Ct("th",null,p);if(ve.show){let $=wt(sc,h);if(r>0){let S=ve.width(n,r);S&&($.style.border=S+"px "+ve.dash(n,r)+" "+ve.stroke(n,r)),$.style.background=ve.fill(n,r)}}let w=wt(or,h);s.label instanceof HTMLElement?w.appendChild(s.label):w.textContent=s.label,r>0&&(ve.show||(w.style.color=s.width>0?ve.stroke(n,r):ve.fill(n,r)),Ye("click",h,$=>{if(R._lock)return;ln($);let S=C.indexOf(s);if(($.ctrlKey||$.metaKey)!=Z.isolate){let M=C.some((O,L)=>L>0&&L!=S&&O.show);C.forEach((O,L)=>{L>0&&Lt(L,M?L==S?yn:Qn:yn,!0,Ae.setSeries)})}else Lt(S,{show:!s.show},!0,Ae.setSeries)},!1),$n&&Ye(cr,h,$=>{R._lock||(ln($),Lt(C.indexOf(s),Pn,!0,Ae.setSeries))},!1));for(var b in Kt){let $=Ct("td",oc,p);$.textContent="--",u.push($)}return[p,u]}let Zt=new Map;function Ye(s,r,u,p=!0){let h=Zt.get(r)||{},w=R.bind[s](n,r,u,p);w&&(pn(s,r,h[s]=w),Zt.set(r,h))}function wn(s,r,u){let p=Zt.get(r)||{};for(let h in p)(s==null||h==s)&&(Ps(h,r,p[h]),delete p[h]);s==null&&Zt.delete(r)}let Vt=0,Xt=0,Y=0,E=0,he=0,Le=0,_n=he,en=Le,Ot=Y,tn=E,ot=0,pt=0,nt=0,$t=0;n.bbox={};let Jl=!1,hl=!1,bn=!1,nn=!1,gl=!1,mt=!1;function Zl(s,r,u){(u||s!=n.width||r!=n.height)&&eo(s,r),xn(!1),bn=!0,hl=!0,Tn()}function eo(s,r){n.width=Vt=Y=s,n.height=Xt=E=r,he=Le=0,ea(),ta();let u=n.bbox;ot=u.left=un(he*ie,.5),pt=u.top=un(Le*ie,.5),nt=u.width=un(Y*ie,.5),$t=u.height=un(E*ie,.5)}let Ji=3;function Zi(){let s=!1,r=0;for(;!s;){r++;let u=ua(r),p=da(r);s=r==Ji||u&&p,s||(eo(n.width,n.height),hl=!0)}}function Xi({width:s,height:r}){Zl(s,r)}n.setSize=Xi;function ea(){let s=!1,r=!1,u=!1,p=!1;W.forEach((h,w)=>{if(h.show&&h._show){let{side:b,_size:$}=h,S=b%2,M=h.label!=null?h.labelSize:0,O=$+M;O>0&&(S?(Y-=O,b==3?(he+=O,p=!0):u=!0):(E-=O,b==0?(Le+=O,s=!0):r=!0))}}),sn[0]=s,sn[1]=u,sn[2]=r,sn[3]=p,Y-=Gt[1]+Gt[3],he+=Gt[3],E-=Gt[2]+Gt[0],Le+=Gt[0]}function ta(){let s=he+Y,r=Le+E,u=he,p=Le;function h(w,b){switch(w){case 1:return s+=b,s-b;case 2:return r+=b,r-b;case 3:return u-=b,u+b;case 0:return p-=b,p+b}}W.forEach((w,b)=>{if(w.show&&w._show){let $=w.side;w._pos=h($,w._size),w.label!=null&&(w._lpos=h($,w.labelSize))}})}if(R.dataIdx==null){let s=R.hover,r=s.skip=new Set(s.skip??[]);r.add(void 0);let u=s.prox=te(s.prox),p=s.bias??=0;R.dataIdx=(h,w,b,$)=>{if(w==0)return b;let S=b,M=u(h,w,b,$)??pe,O=M>=0&&M<pe,L=T.ori==0?Y:E,I=R.left,re=t[0],se=t[w];if(r.has(se[b])){S=null;let X=null,B=null,N;if(p==0||p==-1)for(N=b;X==null&&N-- >0;)r.has(se[N])||(X=N);if(p==0||p==1)for(N=b;B==null&&N++<se.length;)r.has(se[N])||(B=N);if(X!=null||B!=null)if(O){let _e=X==null?-1/0:D(re[X],T,L,0),Te=B==null?1/0:D(re[B],T,L,0),We=I-_e,fe=Te-I;We<=fe?We<=M&&(S=X):fe<=M&&(S=B)}else S=B==null?X:X==null?B:b-X<=B-b?X:B}else O&&De(I-D(re[b],T,L,0))>M&&(S=null);return S}}let ln=s=>{R.event=s};R.idxs=de,R._lock=!1;let Ge=R.points;Ge.show=te(Ge.show),Ge.size=te(Ge.size),Ge.stroke=te(Ge.stroke),Ge.width=te(Ge.width),Ge.fill=te(Ge.fill);let Et=n.focus=Oe({},e.focus||{alpha:.3},R.focus),$n=Et.prox>=0,kn=$n&&Ge.one,ht=[],vn=[],Sn=[];function to(s,r){let u=Ge.show(n,r);if(u instanceof HTMLElement)return ct(u,Xa),ct(u,s.class),Ft(u,-10,-10,Y,E),k.insertBefore(u,ht[r]),u}function no(s,r){if(o==1||r>0){let u=o==1&&x[s.scale].time,p=s.value;s.value=u?Sr(p)?Er(ne,Or(p,F)):p||le:p||pu,s.label=s.label||(u?ou:su)}if(kn||r>0){s.width=s.width==null?1:s.width,s.paths=s.paths||Tu||yc,s.fillTo=te(s.fillTo||wu),s.pxAlign=+oe(s.pxAlign,A),s.pxRound=Wr(s.pxAlign),s.stroke=te(s.stroke||null),s.fill=te(s.fill||null),s._stroke=s._fill=s._paths=s._focus=null;let u=mu(et(1,s.width),1),p=s.points=Oe({},{size:u,width:et(1,u*.2),stroke:s.stroke,space:u*2,paths:Mu,_stroke:null,_fill:null},s.points);p.show=te(p.show),p.filter=te(p.filter),p.fill=te(p.fill),p.stroke=te(p.stroke),p.paths=te(p.paths),p.pxAlign=s.pxAlign}if(Ee){let u=ml(s,r);Ce.splice(r,0,u[0]),At.splice(r,0,u[1]),Z.values.push(null)}if(qe){de.splice(r,0,null);let u=null;kn?r==0&&(u=to(s,r)):r>0&&(u=to(s,r)),ht.splice(r,0,u),vn.splice(r,0,0),Sn.splice(r,0,0)}Ve("addSeries",r)}function na(s,r){r=r??C.length,s=o==1?Vs(s,r,Pr,Kr):Vs(s,r,{},Fr),C.splice(r,0,s),no(C[r],r)}n.addSeries=na;function la(s){if(C.splice(s,1),Ee){Z.values.splice(s,1),At.splice(s,1);let r=Ce.splice(s,1)[0];wn(null,r.firstChild),r.remove()}qe&&(de.splice(s,1),ht.splice(s,1)[0].remove(),vn.splice(s,1),Sn.splice(s,1)),Ve("delSeries",s)}n.delSeries=la;let sn=[!1,!1,!1,!1];function sa(s,r){if(s._show=s.show,s.show){let u=s.side%2,p=x[s.scale];p==null&&(s.scale=u?C[1].scale:P,p=x[s.scale]);let h=p.time;s.size=te(s.size),s.space=te(s.space),s.rotate=te(s.rotate),jt(s.incrs)&&s.incrs.forEach(b=>{!Jt.has(b)&&Jt.set(b,Xr(b))}),s.incrs=te(s.incrs||(p.distr==2?Vc:h?H==1?Bc:Ic:dn)),s.splits=te(s.splits||(h&&p.distr==1?tt:p.distr==3?Rs:p.distr==4?au:iu)),s.stroke=te(s.stroke),s.grid.stroke=te(s.grid.stroke),s.ticks.stroke=te(s.ticks.stroke),s.border.stroke=te(s.border.stroke);let w=s.values;s.values=jt(w)&&!jt(w[0])?te(w):h?jt(w)?Ar(ne,Mr(w,F)):Sr(w)?qc(ne,w):w||ke:w||ru,s.filter=te(s.filter||(p.distr>=3&&p.log==10?du:p.distr==3&&p.log==2?fu:Jr)),s.font=Ir(s.font),s.labelFont=Ir(s.labelFont),s._size=s.size(n,null,r,0),s._space=s._rotate=s._incrs=s._found=s._splits=s._values=null,s._size>0&&(sn[r]=!0,s._el=wt(Qa,g))}}function jn(s,r,u,p){let[h,w,b,$]=u,S=r%2,M=0;return S==0&&($||w)&&(M=r==0&&!h||r==2&&!b?Pe(Lr.size/3):0),S==1&&(h||b)&&(M=r==1&&!w||r==3&&!$?Pe(Rr.size/2):0),M}let lo=n.padding=(e.padding||[jn,jn,jn,jn]).map(s=>te(oe(s,jn))),Gt=n._padding=lo.map((s,r)=>s(n,r,sn,0)),He,Re=null,Ne=null,yl=o==1?C[0].idxs:null,kt=null,Jn=!1;function so(s,r){if(t=s??[],n.data=n._data=t,o==2){He=0;for(let u=1;u<C.length;u++)He+=t[u][0].length}else{t.length==0&&(n.data=n._data=t=[[]]),kt=t[0],He=kt.length;let u=t;if(Q==2){u=t.slice();let p=u[0]=Array(He);for(let h=0;h<He;h++)p[h]=h}n._data=t=u}if(xn(!0),Ve("setData"),Q==2&&(bn=!0),r!==!1){let u=T;u.auto(n,Jn)?Xl():qt(P,u.min,u.max),nn=nn||R.left>=0,mt=!0,Tn()}}n.setData=so;function Xl(){Jn=!0;let s,r;o==1&&(He>0?(Re=yl[0]=0,Ne=yl[1]=He-1,s=t[0][Re],r=t[0][Ne],Q==2?(s=Re,r=Ne):s==r&&(Q==3?[s,r]=Kl(s,s,T.log,!1):Q==4?[s,r]=zs(s,s,T.log,!1):T.time?r=s+Pe(86400/H):[s,r]=Rl(s,r,Is,!0))):(Re=yl[0]=s=null,Ne=yl[1]=r=null)),qt(P,s,r)}let wl,Cn,es,ts,ns,ls,ss,os,rs,lt;function oo(s,r,u,p,h,w){s??=ir,u??=Us,p??="butt",h??=ir,w??="round",s!=wl&&(m.strokeStyle=wl=s),h!=Cn&&(m.fillStyle=Cn=h),r!=es&&(m.lineWidth=es=r),w!=ns&&(m.lineJoin=ns=w),p!=ls&&(m.lineCap=ls=p),u!=ts&&m.setLineDash(ts=u)}function ro(s,r,u,p){r!=Cn&&(m.fillStyle=Cn=r),s!=ss&&(m.font=ss=s),u!=os&&(m.textAlign=os=u),p!=rs&&(m.textBaseline=rs=p)}function is(s,r,u,p,h=0){if(p.length>0&&s.auto(n,Jn)&&(r==null||r.min==null)){let w=oe(Re,0),b=oe(Ne,p.length-1),$=u.min==null?dc(p,w,b,h,s.distr==3):[u.min,u.max];s.min=Tt(s.min,u.min=$[0]),s.max=et(s.max,u.max=$[1])}}let io={min:null,max:null};function oa(){for(let p in x){let h=x[p];K[p]==null&&(h.min==null||K[P]!=null&&h.auto(n,Jn))&&(K[p]=io)}for(let p in x){let h=x[p];K[p]==null&&h.from!=null&&K[h.from]!=null&&(K[p]=io)}K[P]!=null&&xn(!0);let s={};for(let p in K){let h=K[p];if(h!=null){let w=s[p]=zn(x[p],bc);if(h.min!=null)Oe(w,h);else if(p!=P||o==2)if(He==0&&w.from==null){let b=w.range(n,null,null,p);w.min=b[0],w.max=b[1]}else w.min=pe,w.max=-pe}}if(He>0){C.forEach((p,h)=>{if(o==1){let w=p.scale,b=K[w];if(b==null)return;let $=s[w];if(h==0){let S=$.range(n,$.min,$.max,w);$.min=S[0],$.max=S[1],Re=xt($.min,t[0]),Ne=xt($.max,t[0]),Ne-Re>1&&(t[0][Re]<$.min&&Re++,t[0][Ne]>$.max&&Ne--),p.min=kt[Re],p.max=kt[Ne]}else p.show&&p.auto&&is($,b,p,t[h],p.sorted);p.idxs[0]=Re,p.idxs[1]=Ne}else if(h>0&&p.show&&p.auto){let[w,b]=p.facets,$=w.scale,S=b.scale,[M,O]=t[h],L=s[$],I=s[S];L!=null&&is(L,K[$],w,M,w.sorted),I!=null&&is(I,K[S],b,O,b.sorted),p.min=b.min,p.max=b.max}});for(let p in s){let h=s[p],w=K[p];if(h.from==null&&(w==null||w.min==null)){let b=h.range(n,h.min==pe?null:h.min,h.max==-pe?null:h.max,p);h.min=b[0],h.max=b[1]}}}for(let p in s){let h=s[p];if(h.from!=null){let w=s[h.from];if(w.min==null)h.min=h.max=null;else{let b=h.range(n,w.min,w.max,p);h.min=b[0],h.max=b[1]}}}let r={},u=!1;for(let p in s){let h=s[p],w=x[p];if(w.min!=h.min||w.max!=h.max){w.min=h.min,w.max=h.max;let b=w.distr;w._min=b==3?Ht(w.min):b==4?xs(w.min,w.asinh):b==100?w.fwd(w.min):w.min,w._max=b==3?Ht(w.max):b==4?xs(w.max,w.asinh):b==100?w.fwd(w.max):w.max,r[p]=u=!0}}if(u){C.forEach((p,h)=>{o==2?h>0&&r.y&&(p._paths=null):r[p.scale]&&(p._paths=null)});for(let p in r)bn=!0,Ve("setScale",p);qe&&R.left>=0&&(nn=mt=!0)}for(let p in K)K[p]=null}function ra(s){let r=Ds(Re-1,0,He-1),u=Ds(Ne+1,0,He-1);for(;s[r]==null&&r>0;)r--;for(;s[u]==null&&u<He-1;)u++;return[r,u]}function ia(){if(He>0){let s=C.some(r=>r._focus)&&lt!=Et.alpha;s&&(m.globalAlpha=lt=Et.alpha),C.forEach((r,u)=>{if(u>0&&r.show&&(ao(u,!1),ao(u,!0),r._paths==null)){let p=lt;lt!=r.alpha&&(m.globalAlpha=lt=r.alpha);let h=o==2?[0,t[u][0].length-1]:ra(t[u]);r._paths=r.paths(n,u,h[0],h[1]),lt!=p&&(m.globalAlpha=lt=p)}}),C.forEach((r,u)=>{if(u>0&&r.show){let p=lt;lt!=r.alpha&&(m.globalAlpha=lt=r.alpha),r._paths!=null&&co(u,!1);{let h=r._paths!=null?r._paths.gaps:null,w=r.points.show(n,u,Re,Ne,h),b=r.points.filter(n,u,w,h);(w||b)&&(r.points._paths=r.points.paths(n,u,Re,Ne,b),co(u,!0))}lt!=p&&(m.globalAlpha=lt=p),Ve("drawSeries",u)}}),s&&(m.globalAlpha=lt=1)}}function ao(s,r){let u=r?C[s].points:C[s];u._stroke=u.stroke(n,s),u._fill=u.fill(n,s)}function co(s,r){let u=r?C[s].points:C[s],{stroke:p,fill:h,clip:w,flags:b,_stroke:$=u._stroke,_fill:S=u._fill,_width:M=u.width}=u._paths;M=me(M*ie,3);let O=null,L=M%2/2;r&&S==null&&(S=M>0?"#fff":$);let I=u.pxAlign==1&&L>0;if(I&&m.translate(L,L),!r){let re=ot-M/2,se=pt-M/2,X=nt+M,B=$t+M;O=new Path2D,O.rect(re,se,X,B)}r?as($,M,u.dash,u.cap,S,p,h,b,w):aa(s,$,M,u.dash,u.cap,S,p,h,b,O,w),I&&m.translate(-L,-L)}function aa(s,r,u,p,h,w,b,$,S,M,O){let L=!1;S!=0&&j.forEach((I,re)=>{if(I.series[0]==s){let se=C[I.series[1]],X=t[I.series[1]],B=(se._paths||ul).band;jt(B)&&(B=I.dir==1?B[0]:B[1]);let N,_e=null;se.show&&B&&pc(X,Re,Ne)?(_e=I.fill(n,re)||w,N=se._paths.clip):B=null,as(r,u,p,h,_e,b,$,S,M,O,N,B),L=!0}}),L||as(r,u,p,h,w,b,$,S,M,O)}let uo=In|Fs;function as(s,r,u,p,h,w,b,$,S,M,O,L){oo(s,r,u,p,h),(S||M||L)&&(m.save(),S&&m.clip(S),M&&m.clip(M)),L?($&uo)==uo?(m.clip(L),O&&m.clip(O),bl(h,b),_l(s,w,r)):$&Fs?(bl(h,b),m.clip(L),_l(s,w,r)):$&In&&(m.save(),m.clip(L),O&&m.clip(O),bl(h,b),m.restore(),_l(s,w,r)):(bl(h,b),_l(s,w,r)),(S||M||L)&&m.restore()}function _l(s,r,u){u>0&&(r instanceof Map?r.forEach((p,h)=>{m.strokeStyle=wl=h,m.stroke(p)}):r!=null&&s&&m.stroke(r))}function bl(s,r){r instanceof Map?r.forEach((u,p)=>{m.fillStyle=Cn=p,m.fill(u)}):r!=null&&s&&m.fill(r)}function ca(s,r,u,p){let h=W[s],w;if(p<=0)w=[0,0];else{let b=h._space=h.space(n,s,r,u,p),$=h._incrs=h.incrs(n,s,r,u,p,b);w=Du(r,u,$,p,b)}return h._found=w}function cs(s,r,u,p,h,w,b,$,S,M){let O=b%2/2;A==1&&m.translate(O,O),oo($,b,S,M,$),m.beginPath();let L,I,re,se,X=h+(p==0||p==3?-w:w);u==0?(I=h,se=X):(L=h,re=X);for(let B=0;B<s.length;B++)r[B]!=null&&(u==0?L=re=s[B]:I=se=s[B],m.moveTo(L,I),m.lineTo(re,se));m.stroke(),A==1&&m.translate(-O,-O)}function ua(s){let r=!0;return W.forEach((u,p)=>{if(!u.show)return;let h=x[u.scale];if(h.min==null){u._show&&(r=!1,u._show=!1,xn(!1));return}else u._show||(r=!1,u._show=!0,xn(!1));let w=u.side,b=w%2,{min:$,max:S}=h,[M,O]=ca(p,$,S,b==0?Y:E);if(O==0)return;let L=h.distr==2,I=u._splits=u.splits(n,p,$,S,M,O,L),re=h.distr==2?I.map(N=>kt[N]):I,se=h.distr==2?kt[I[1]]-kt[I[0]]:M,X=u._values=u.values(n,u.filter(n,re,p,O,se),p,O,se);u._rotate=w==2?u.rotate(n,X,p,O):0;let B=u._size;u._size=_t(u.size(n,X,p,s)),B!=null&&u._size!=B&&(r=!1)}),r}function da(s){let r=!0;return lo.forEach((u,p)=>{let h=u(n,p,sn,s);h!=Gt[p]&&(r=!1),Gt[p]=h}),r}function fa(){for(let s=0;s<W.length;s++){let r=W[s];if(!r.show||!r._show)continue;let u=r.side,p=u%2,h,w,b=r.stroke(n,s),$=u==0||u==3?-1:1,[S,M]=r._found;if(r.label!=null){let je=r.labelGap*$,at=Pe((r._lpos+je)*ie);ro(r.labelFont[0],b,"center",u==2?"top":rr),m.save(),p==1?(h=w=0,m.translate(at,Pe(pt+$t/2)),m.rotate((u==3?-Pl:Pl)/2)):(h=Pe(ot+nt/2),w=at);let an=Qr(r.label)?r.label(n,s,S,M):r.label;m.fillText(an,h,w),m.restore()}if(M==0)continue;let O=x[r.scale],L=p==0?nt:$t,I=p==0?ot:pt,re=r._splits,se=O.distr==2?re.map(je=>kt[je]):re,X=O.distr==2?kt[re[1]]-kt[re[0]]:S,B=r.ticks,N=r.border,_e=B.show?B.size:0,Te=Pe(_e*ie),We=Pe((r.alignTo==2?r._size-_e-r.gap:r.gap)*ie),fe=r._rotate*-Pl/180,Me=V(r._pos*ie),rt=(Te+We)*$,Qe=Me+rt;w=p==0?Qe:0,h=p==1?Qe:0;let gt=r.font[0],vt=r.align==1?Kn:r.align==2?vs:fe>0?Kn:fe<0?vs:p==0?"center":u==3?vs:Kn,Dt=fe||p==1?"middle":u==2?"top":rr;ro(gt,b,vt,Dt);let it=r.font[1]*r.lineGap,yt=re.map(je=>V(c(je,O,L,I))),St=r._values;for(let je=0;je<St.length;je++){let at=St[je];if(at!=null){p==0?h=yt[je]:w=yt[je],at=""+at;let an=at.indexOf(`
`)==-1?[at]:at.split(/\n/gm);for(let Je=0;Je<an.length;Je++){let Oo=an[Je];fe?(m.save(),m.translate(h,w+Je*it),m.rotate(fe),m.fillText(Oo,0,0),m.restore()):m.fillText(Oo,h,w+Je*it)}}}B.show&&cs(yt,B.filter(n,se,s,M,X),p,u,Me,Te,me(B.width*ie,3),B.stroke(n,s),B.dash,B.cap);let Rt=r.grid;Rt.show&&cs(yt,Rt.filter(n,se,s,M,X),p,p==0?2:1,p==0?pt:ot,p==0?$t:nt,me(Rt.width*ie,3),Rt.stroke(n,s),Rt.dash,Rt.cap),N.show&&cs([Me],[1],p==0?1:0,p==0?1:2,p==1?pt:ot,p==1?$t:nt,me(N.width*ie,3),N.stroke(n,s),N.dash,N.cap)}Ve("drawAxes")}function xn(s){C.forEach((r,u)=>{u>0&&(r._paths=null,s&&(o==1?(r.min=null,r.max=null):r.facets.forEach(p=>{p.min=null,p.max=null})))})}let $l=!1,us=!1,Zn=[];function pa(){us=!1;for(let s=0;s<Zn.length;s++)Ve(...Zn[s]);Zn.length=0}function Tn(){$l||(Tc(fo),$l=!0)}function ma(s,r=!1){$l=!0,us=r,s(n),fo(),r&&Zn.length>0&&queueMicrotask(pa)}n.batch=ma;function fo(){if(Jl&&(oa(),Jl=!1),bn&&(Zi(),bn=!1),hl){if($e(v,Kn,he),$e(v,"top",Le),$e(v,rl,Y),$e(v,il,E),$e(k,Kn,he),$e(k,"top",Le),$e(k,rl,Y),$e(k,il,E),$e(g,rl,Vt),$e(g,il,Xt),y.width=Pe(Vt*ie),y.height=Pe(Xt*ie),W.forEach(({_el:s,_show:r,_size:u,_pos:p,side:h})=>{if(s!=null)if(r){let w=h===3||h===0?u:0,b=h%2==1;$e(s,b?"left":"top",p-w),$e(s,b?"width":"height",u),$e(s,b?"top":"left",b?Le:he),$e(s,b?"height":"width",b?E:Y),Ls(s,fn)}else ct(s,fn)}),wl=Cn=es=ns=ls=ss=os=rs=ts=null,lt=1,tl(!0),he!=_n||Le!=en||Y!=Ot||E!=tn){xn(!1);let s=Y/Ot,r=E/tn;if(qe&&!nn&&R.left>=0){R.left*=s,R.top*=r,Mn&&Ft(Mn,Pe(R.left),0,Y,E),An&&Ft(An,0,Pe(R.top),Y,E);for(let u=0;u<ht.length;u++){let p=ht[u];p!=null&&(vn[u]*=s,Sn[u]*=r,Ft(p,_t(vn[u]),_t(Sn[u]),Y,E))}}if(we.show&&!gl&&we.left>=0&&we.width>0){we.left*=s,we.width*=s,we.top*=r,we.height*=r;for(let u in gs)$e(Ln,u,we[u])}_n=he,en=Le,Ot=Y,tn=E}Ve("setSize"),hl=!1}Vt>0&&Xt>0&&(m.clearRect(0,0,y.width,y.height),Ve("drawClear"),U.forEach(s=>s()),Ve("draw")),we.show&&gl&&(kl(we),gl=!1),qe&&nn&&(rn(null,!0,!1),nn=!1),Z.show&&Z.live&&mt&&(ms(),mt=!1),d||(d=!0,n.status=1,Ve("ready")),Jn=!1,$l=!1}n.redraw=(s,r)=>{bn=r||!1,s!==!1?qt(P,T.min,T.max):Tn()};function ds(s,r){let u=x[s];if(u.from==null){if(He==0){let p=u.range(n,r.min,r.max,s);r.min=p[0],r.max=p[1]}if(r.min>r.max){let p=r.min;r.min=r.max,r.max=p}if(He>1&&r.min!=null&&r.max!=null&&r.max-r.min<1e-16)return;s==P&&u.distr==2&&He>0&&(r.min=xt(r.min,t[0]),r.max=xt(r.max,t[0]),r.min==r.max&&r.max++),K[s]=r,Jl=!0,Tn()}}n.setScale=ds;let fs,ps,Mn,An,po,mo,On,En,ho,go,ye,Se,Ut=!1,ze=R.drag,Fe=ze.x,Ke=ze.y;qe&&(R.x&&(fs=wt(Ja,k)),R.y&&(ps=wt(Za,k)),T.ori==0?(Mn=fs,An=ps):(Mn=ps,An=fs),ye=R.left,Se=R.top);let we=n.select=Oe({show:!0,over:!0,left:0,width:0,top:0,height:0},e.select),Ln=we.show?wt(ja,we.over?k:v):null;function kl(s,r){if(we.show){for(let u in s)we[u]=s[u],u in gs&&$e(Ln,u,s[u]);r!==!1&&Ve("setSelect")}}n.setSelect=kl;function ha(s){if(C[s].show)Ee&&Ls(Ce[s],fn);else if(Ee&&ct(Ce[s],fn),qe){let u=kn?ht[0]:ht[s];u!=null&&Ft(u,-10,-10,Y,E)}}function qt(s,r,u){ds(s,{min:r,max:u})}function Lt(s,r,u,p){r.focus!=null&&ba(s),r.show!=null&&C.forEach((h,w)=>{w>0&&(s==w||s==null)&&(h.show=r.show,ha(w),o==2?(qt(h.facets[0].scale,null,null),qt(h.facets[1].scale,null,null)):qt(h.scale,null,null),Tn())}),u!==!1&&Ve("setSeries",s,r),p&&nl("setSeries",n,s,r)}n.setSeries=Lt;function ga(s,r){Oe(j[s],r)}function ya(s,r){s.fill=te(s.fill||null),s.dir=oe(s.dir,-1),r=r??j.length,j.splice(r,0,s)}function wa(s){s==null?j.length=0:j.splice(s,1)}n.addBand=ya,n.setBand=ga,n.delBand=wa;function _a(s,r){C[s].alpha=r,qe&&ht[s]!=null&&(ht[s].style.opacity=r),Ee&&Ce[s]&&(Ce[s].style.opacity=r)}let Wt,Yt,on,Pn={focus:!0};function ba(s){if(s!=on){let r=s==null,u=Et.alpha!=1;C.forEach((p,h)=>{if(o==1||h>0){let w=r||h==0||h==s;p._focus=r?null:w,u&&_a(h,w?1:Et.alpha)}}),on=s,u&&Tn()}}Ee&&$n&&Ye(ur,ae,s=>{R._lock||(ln(s),on!=null&&Lt(null,Pn,!0,Ae.setSeries))});function Pt(s,r,u){let p=x[r];u&&(s=s/ie-(p.ori==1?Le:he));let h=Y;p.ori==1&&(h=E,s=h-s),p.dir==-1&&(s=h-s);let w=p._min,b=p._max,$=s/h,S=w+(b-w)*$,M=p.distr;return M==3?Bn(10,S):M==4?hc(S,p.asinh):M==100?p.bwd(S):S}function $a(s,r){let u=Pt(s,P,r);return xt(u,t[0],Re,Ne)}n.valToIdx=s=>xt(s,t[0]),n.posToIdx=$a,n.posToVal=Pt,n.valToPos=(s,r,u)=>x[r].ori==0?a(s,x[r],u?nt:Y,u?ot:0):i(s,x[r],u?$t:E,u?pt:0),n.setCursor=(s,r,u)=>{ye=s.left,Se=s.top,rn(null,r,u)};function yo(s,r){$e(Ln,Kn,we.left=s),$e(Ln,rl,we.width=r)}function wo(s,r){$e(Ln,"top",we.top=s),$e(Ln,il,we.height=r)}let Xn=T.ori==0?yo:wo,el=T.ori==1?yo:wo;function ka(){if(Ee&&Z.live)for(let s=o==2?1:0;s<C.length;s++){if(s==0&&ft)continue;let r=Z.values[s],u=0;for(let p in r)At[s][u++].firstChild.nodeValue=r[p]}}function ms(s,r){if(s!=null&&(s.idxs?s.idxs.forEach((u,p)=>{de[p]=u}):_c(s.idx)||de.fill(s.idx),Z.idx=de[0]),Ee&&Z.live){for(let u=0;u<C.length;u++)(u>0||o==1&&!ft)&&va(u,de[u]);ka()}mt=!1,r!==!1&&Ve("setLegend")}n.setLegend=ms;function va(s,r){let u=C[s],p=s==0&&Q==2?kt:t[s],h;ft?h=u.values(n,s,r)??It:(h=u.value(n,r==null?null:p[r],s,r),h=h==null?It:{_:h}),Z.values[s]=h}function rn(s,r,u){ho=ye,go=Se,[ye,Se]=R.move(n,ye,Se),R.left=ye,R.top=Se,qe&&(Mn&&Ft(Mn,Pe(ye),0,Y,E),An&&Ft(An,0,Pe(Se),Y,E));let p,h=Re>Ne;Wt=pe,Yt=null;let w=T.ori==0?Y:E,b=T.ori==1?Y:E;if(ye<0||He==0||h){p=R.idx=null;for(let $=0;$<C.length;$++){let S=ht[$];S!=null&&Ft(S,-10,-10,Y,E)}$n&&Lt(null,Pn,!0,s==null&&Ae.setSeries),Z.live&&(de.fill(p),mt=!0)}else{let $,S,M;o==1&&($=T.ori==0?ye:Se,S=Pt($,P),p=R.idx=xt(S,t[0],Re,Ne),M=D(t[0][p],T,w,0));let O=-10,L=-10,I=0,re=0,se=!0,X="",B="";for(let N=o==2?1:0;N<C.length;N++){let _e=C[N],Te=de[N],We=Te==null?null:o==1?t[N][Te]:t[N][1][Te],fe=R.dataIdx(n,N,p,S),Me=fe==null?null:o==1?t[N][fe]:t[N][1][fe];if(mt=mt||Me!=We||fe!=Te,de[N]=fe,N>0&&_e.show){let rt=fe==null?-10:fe==p?M:D(o==1?t[0][fe]:t[N][0][fe],T,w,0),Qe=Me==null?-10:z(Me,o==1?x[_e.scale]:x[_e.facets[1].scale],b,0);if($n&&Me!=null){let gt=T.ori==1?ye:Se,vt=De(Et.dist(n,N,fe,Qe,gt));if(vt<Wt){let Dt=Et.bias;if(Dt!=0){let it=Pt(gt,_e.scale),yt=Me>=0?1:-1,St=it>=0?1:-1;St==yt&&(St==1?Dt==1?Me>=it:Me<=it:Dt==1?Me<=it:Me>=it)&&(Wt=vt,Yt=N)}else Wt=vt,Yt=N}}if(mt||kn){let gt,vt;T.ori==0?(gt=rt,vt=Qe):(gt=Qe,vt=rt);let Dt,it,yt,St,Rt,je,at=!0,an=Ge.bbox;if(an!=null){at=!1;let Je=an(n,N);yt=Je.left,St=Je.top,Dt=Je.width,it=Je.height}else yt=gt,St=vt,Dt=it=Ge.size(n,N);if(je=Ge.fill(n,N),Rt=Ge.stroke(n,N),kn)N==Yt&&Wt<=Et.prox&&(O=yt,L=St,I=Dt,re=it,se=at,X=je,B=Rt);else{let Je=ht[N];Je!=null&&(vn[N]=yt,Sn[N]=St,yr(Je,Dt,it,at),hr(Je,je,Rt),Ft(Je,_t(yt),_t(St),Y,E))}}}}if(kn){let N=Et.prox,_e=on==null?Wt<=N:Wt>N||Yt!=on;if(mt||_e){let Te=ht[0];Te!=null&&(vn[0]=O,Sn[0]=L,yr(Te,I,re,se),hr(Te,X,B),Ft(Te,_t(O),_t(L),Y,E))}}}if(we.show&&Ut)if(s!=null){let[$,S]=Ae.scales,[M,O]=Ae.match,[L,I]=s.cursor.sync.scales,re=s.cursor.drag;if(Fe=re._x,Ke=re._y,Fe||Ke){let{left:se,top:X,width:B,height:N}=s.select,_e=s.scales[L].ori,Te=s.posToVal,We,fe,Me,rt,Qe,gt=$!=null&&M($,L),vt=S!=null&&O(S,I);gt&&Fe?(_e==0?(We=se,fe=B):(We=X,fe=N),Me=x[$],rt=D(Te(We,L),Me,w,0),Qe=D(Te(We+fe,L),Me,w,0),Xn(Tt(rt,Qe),De(Qe-rt))):Xn(0,w),vt&&Ke?(_e==1?(We=se,fe=B):(We=X,fe=N),Me=x[S],rt=z(Te(We,I),Me,b,0),Qe=z(Te(We+fe,I),Me,b,0),el(Tt(rt,Qe),De(Qe-rt))):el(0,b)}else ys()}else{let $=De(ho-po),S=De(go-mo);if(T.ori==1){let I=$;$=S,S=I}Fe=ze.x&&$>=ze.dist,Ke=ze.y&&S>=ze.dist;let M=ze.uni;M!=null?Fe&&Ke&&(Fe=$>=M,Ke=S>=M,!Fe&&!Ke&&(S>$?Ke=!0:Fe=!0)):ze.x&&ze.y&&(Fe||Ke)&&(Fe=Ke=!0);let O,L;Fe&&(T.ori==0?(O=On,L=ye):(O=En,L=Se),Xn(Tt(O,L),De(L-O)),Ke||el(0,b)),Ke&&(T.ori==1?(O=On,L=ye):(O=En,L=Se),el(Tt(O,L),De(L-O)),Fe||Xn(0,w)),!Fe&&!Ke&&(Xn(0,0),el(0,0))}if(ze._x=Fe,ze._y=Ke,s==null){if(u){if(Ao!=null){let[$,S]=Ae.scales;Ae.values[0]=$!=null?Pt(T.ori==0?ye:Se,$):null,Ae.values[1]=S!=null?Pt(T.ori==1?ye:Se,S):null}nl(Ss,n,ye,Se,Y,E,p)}if($n){let $=u&&Ae.setSeries,S=Et.prox;on==null?Wt<=S&&Lt(Yt,Pn,!0,$):Wt>S?Lt(null,Pn,!0,$):Yt!=on&&Lt(Yt,Pn,!0,$)}}mt&&(Z.idx=p,ms()),r!==!1&&Ve("setCursor")}let Qt=null;Object.defineProperty(n,"rect",{get(){return Qt==null&&tl(!1),Qt}});function tl(s=!1){s?Qt=null:(Qt=k.getBoundingClientRect(),Ve("syncRect",Qt))}function _o(s,r,u,p,h,w,b){R._lock||Ut&&s!=null&&s.movementX==0&&s.movementY==0||(hs(s,r,u,p,h,w,b,!1,s!=null),s!=null?rn(null,!0,!0):rn(r,!0,!1))}function hs(s,r,u,p,h,w,b,$,S){if(Qt==null&&tl(!1),ln(s),s!=null)u=s.clientX-Qt.left,p=s.clientY-Qt.top;else{if(u<0||p<0){ye=-10,Se=-10;return}let[M,O]=Ae.scales,L=r.cursor.sync,[I,re]=L.values,[se,X]=L.scales,[B,N]=Ae.match,_e=r.axes[0].side%2==1,Te=T.ori==0?Y:E,We=T.ori==1?Y:E,fe=_e?w:h,Me=_e?h:w,rt=_e?p:u,Qe=_e?u:p;if(se!=null?u=B(M,se)?c(I,x[M],Te,0):-10:u=Te*(rt/fe),X!=null?p=N(O,X)?c(re,x[O],We,0):-10:p=We*(Qe/Me),T.ori==1){let gt=u;u=p,p=gt}}S&&(r==null||r.cursor.event.type==Ss)&&((u<=1||u>=Y-1)&&(u=un(u,Y)),(p<=1||p>=E-1)&&(p=un(p,E))),$?(po=u,mo=p,[On,En]=R.move(n,u,p)):(ye=u,Se=p)}let gs={width:0,height:0,left:0,top:0};function ys(){kl(gs,!1)}let bo,$o,ko,vo;function So(s,r,u,p,h,w,b){Ut=!0,Fe=Ke=ze._x=ze._y=!1,hs(s,r,u,p,h,w,b,!0,!1),s!=null&&(Ye(Cs,Os,Co,!1),nl(ar,n,On,En,Y,E,null));let{left:$,top:S,width:M,height:O}=we;bo=$,$o=S,ko=M,vo=O}function Co(s,r,u,p,h,w,b){Ut=ze._x=ze._y=!1,hs(s,r,u,p,h,w,b,!1,!0);let{left:$,top:S,width:M,height:O}=we,L=M>0||O>0,I=bo!=$||$o!=S||ko!=M||vo!=O;if(L&&I&&kl(we),ze.setScale&&L&&I){let re=$,se=M,X=S,B=O;if(T.ori==1&&(re=S,se=O,X=$,B=M),Fe&&qt(P,Pt(re,P),Pt(re+se,P)),Ke)for(let N in x){let _e=x[N];N!=P&&_e.from==null&&_e.min!=pe&&qt(N,Pt(X+B,N),Pt(X,N))}ys()}else R.lock&&(R._lock=!R._lock,rn(r,!0,s!=null));s!=null&&(wn(Cs,Os),nl(Cs,n,ye,Se,Y,E,null))}function Sa(s,r,u,p,h,w,b){if(R._lock)return;ln(s);let $=Ut;if(Ut){let S=!0,M=!0,O=10,L,I;T.ori==0?(L=Fe,I=Ke):(L=Ke,I=Fe),L&&I&&(S=ye<=O||ye>=Y-O,M=Se<=O||Se>=E-O),L&&S&&(ye=ye<On?0:Y),I&&M&&(Se=Se<En?0:E),rn(null,!0,!0),Ut=!1}ye=-10,Se=-10,de.fill(null),rn(null,!0,!0),$&&(Ut=$)}function xo(s,r,u,p,h,w,b){R._lock||(ln(s),Xl(),ys(),s!=null&&nl(dr,n,ye,Se,Y,E,null))}function To(){W.forEach(Ru),Zl(n.width,n.height,!0)}pn(Dl,Wn,To);let Dn={};Dn.mousedown=So,Dn.mousemove=_o,Dn.mouseup=Co,Dn.dblclick=xo,Dn.setSeries=(s,r,u,p)=>{let h=Ae.match[2];u=h(n,r,u),u!=-1&&Lt(u,p,!0,!1)},qe&&(Ye(ar,k,So),Ye(Ss,k,_o),Ye(cr,k,s=>{ln(s),tl(!1)}),Ye(ur,k,Sa),Ye(dr,k,xo),Ks.add(n),n.syncRect=tl);let vl=n.hooks=e.hooks||{};function Ve(s,r,u){us?Zn.push([s,r,u]):s in vl&&vl[s].forEach(p=>{p.call(null,n,r,u)})}(e.plugins||[]).forEach(s=>{for(let r in s.hooks)vl[r]=(vl[r]||[]).concat(s.hooks[r])});let Mo=(s,r,u)=>u,Ae=Oe({key:null,setSeries:!1,filters:{pub:kr,sub:kr},scales:[P,C[1]?C[1].scale:null],match:[vr,vr,Mo],values:[null,null]},R.sync);Ae.match.length==2&&Ae.match.push(Mo),R.sync=Ae;let Ao=Ae.key,ws=_i(Ao);function nl(s,r,u,p,h,w,b){Ae.filters.pub(s,r,u,p,h,w,b)&&ws.pub(s,r,u,p,h,w,b)}ws.sub(n);function Ca(s,r,u,p,h,w,b){Ae.filters.sub(s,r,u,p,h,w,b)&&Dn[s](null,r,u,p,h,w,b)}n.pub=Ca;function xa(){ws.unsub(n),Ks.delete(n),Zt.clear(),Ps(Dl,Wn,To),f.remove(),ae?.remove(),Ve("destroy")}n.destroy=xa;function _s(){Ve("init",e,t),so(t||e.data,!1),K[P]?ds(P,K[P]):Xl(),gl=we.show&&(we.width>0||we.height>0),nn=mt=!0,Zl(e.width,e.height)}return C.forEach(no),W.forEach(sa),l?l instanceof HTMLElement?(l.appendChild(f),_s()):l(n,_s):_s(),n}Ue.assign=Oe;Ue.fmtNum=Gs;Ue.rangeNum=Rl;Ue.rangeLog=Kl;Ue.rangeAsinh=zs;Ue.orient=hn;Ue.pxRatio=ie;Ue.join=xc;Ue.fmtDate=qs,Ue.tzDate=Fc;Ue.sync=_i;{Ue.addGap=_u,Ue.clipGaps=Bl;let e=Ue.paths={points:Ci};e.linear=Ti,e.stepped=ku,e.bars=vu,e.spline=Cu}Ei.exports=Ue});var Bo={OffcodeEdgeAway:"{{ $labels.instance }} 的指标取不到。",OffcodeAnswersFailing:"超过百分之一的应答是服务器故障。",OffcodePaymentsPending:"超过二十分之一的应答表示付款结果尚未可知。",OffcodeStoreAway:"存储没有应答；原因见 offcode_store_faults_total 的 fault。",OffcodeStoreNodeAway:"存储节点 {{ $labels.node }} 没有应答。",OffcodeStoreNodeSlow:"存储节点 {{ $labels.node }} 每条命令需要半秒以上。",OffcodeStoreCorrupt:"存储里有一条记录不是应有的形式；有人绕过 Offcode 写入。",OffcodeStoreSettings:"存储的设置不符合付款的要求（{{ $labels.reason }}）。",OffcodeRecordsMoved:"该边缘节点使用的存储已移走，或与其设置不符；它拒绝一切调用。",OffcodeLedgerSilent:"账本没有应答；在它应答之前付款一直待定。",OffcodePaymentsPile:"十分钟以来有超过 100 笔付款正在进行。",OffcodePaymentsNotSwept:"到期的付款没有被处理完。",OffcodeSweepEndsEarly:"进行中的付款没有被处理完。",OffcodeSeedSweepEndsEarly:"被替换的种子到期后仍封存在存储中。",OffcodeDestroyedSeedsUnread:"某边缘节点不知道哪些种子已销毁；其核心内存可能还留有它们。",OffcodeEventSweepEndsEarly:"账单事件的保存时间超过了 OFFCODE_RECORD_DAYS。",OffcodeClosedBillChanged:"已关闭的账单被改动；日志写明商户和日期。",OffcodeSeedSealed:"封存的种子打不开（{{ $labels.reason }}）；unknown-key 表示缺少主密钥。",OffcodeKeyRecordForeign:"有人向存储写入了 API 密钥记录，或者缺少主密钥。",OffcodeBucketTooLarge:"某个桶的顾客无法离线付款；请调大 OFFCODE_CORE_MEMORY。",OffcodeCodeAmbiguous:"有付款码同时匹配多个凭证，日志写明是哪些；同一对出现两次就不是巧合。",OffcodeCodeAtTwoMerchants:"同一付款码出现在两家商户；日志写明账户。",OffcodeClockUnsure:"{{ $labels.instance }} 的时钟与存储的时钟不一致；它不接受任何付款码。",OffcodeClockDrifts:"{{ $labels.instance }} 的时钟与存储的时钟相差超过一秒。",OffcodeCallbacksStuck:"到期的回调没有送出。",OffcodeDispatchEndsEarly:"回调的投递一再提前中断。",OffcodeCallbackEndpointDisabled:"某商户在重新设置端点之前收不到回调；请通知它。",OffcodeCallbackBreakerOpen:"某商户的服务器已停；日志写明是哪一家。",OffcodeCallbacksDead:"某商户拒收发给它的回调。",OffcodeCallbackUnreadable:"有回调无法发送（{{ $labels.reason }}）。",OffcodeCallbackLeaseLost:"某进程在投递途中停顿了 30 秒。",OffcodeCallbackSecretSealed:"端点的密钥打不开（{{ $labels.reason }}）；缺少主密钥。",OffcodeCoreShadowDiffers:"影子核心与正在使用的核心结果不同（{{ $labels.reason }}），已停用。",OffcodeCoreShadowUnfit:"影子核心无法在某个边缘节点上运行；原因见日志。",OffcodeCoreReleaseUnfit:"正在使用的核心版本无法在 {{ $labels.instance }} 上运行。",OffcodeCoreSwitchUnread:"在 {{ $labels.instance }} 上读不到哪个核心正在使用。",OffcodeBug:"意外错误，即程序缺陷；位置见日志。",OffcodeMetricsFault:"指标中缺少观测值，即程序缺陷。"};function Ie(e,t){return e===void 0?"–":new Intl.NumberFormat(t,{maximumFractionDigits:1}).format(e)}function Bt(e,t){return e===void 0?"–":new Intl.NumberFormat(t,{maximumSignificantDigits:3}).format(e)}function zo(e,t){return e===0?"0":`1 : ${Bt(1/e,t)}`}var Aa=[[2*86400,1/86400,"d"],[7200,1/3600,"h"],[120,1/60,"min"],[1,1,"s"],[.001,1e3,"ms"],[0,1e6,"µs"]];function Nt(e,t){if(e===void 0)return"–";if(e===0)return"0 s";let l=Math.abs(e),[,n,o]=Aa.find(([a])=>l>=a);return`${Bt(e*n,t)} ${o}`}var Ho=["B","KiB","MiB","GiB"];function $s(e,t){if(e===void 0)return"–";let[l,n]=[e,0];for(;l>=1024&&n<Ho.length-1;)[l,n]=[l/1024,n+1];return`${Bt(l,t)} ${Ho[n]}`}var Io=new Intl.DateTimeFormat("sv-SE",{year:"numeric",month:"2-digit",day:"2-digit",hour:"2-digit",minute:"2-digit",second:"2-digit",fractionalSecondDigits:3}),Go=e=>Io.format(new Date(e)).replace(",","."),Uo=()=>Io.resolvedOptions().timeZone;function Be({t:e},{status:t,body:l}){if(t===0)return e("noAnswer");if(t===401||t===403)return e("keyRefused");if(t===404)return e("notFound");if(t===503)return e("unavailable",{code:l?.code??""});let n=l?.reason??l?.detail??l?.title??"";return e("refusedBecause",{code:l?.code??t,why:n})}function Ze({at:e}){return _`<time datetime=${e} title=${e}>${Go(e)}</time>`}function ll({ctx:e,id:t}){return _`${e.nameOf(t)} <code class="soft id">${t}</code>`}function ge({kind:e,children:t}){return _`<span class=${`badge ${e}`}>${t}</span>`}function qo({name:e,value:t,warn:l=!1,title:n}){return _`
    <div class=${l?"tile warn":"tile"} title=${n}>
      <dt>${e}</dt>
      <dd>${t}</dd>
    </div>
  `}function xe({caption:e,isTitled:t=!1,heads:l,rows:n,ids:o=[],empty:a}){let i=c=>c.map((d,f)=>f===0?_`<th scope="row">${d}</th>`:_`<td>${d}</td>`);return _`
    <div class="scroll" role="region" aria-label=${e} tabindex="0">
      <table>
        <caption class=${t?"spoken":""}>${e}</caption>
        <thead>
          <tr>${l.map(c=>_`<th scope="col">${c}</th>`)}</tr>
        </thead>
        <tbody>
          ${n.map((c,d)=>_`<tr key=${o[d]??d}>${i(c)}</tr>`)}
        </tbody>
      </table>
      ${n.length===0&&_`<p class="soft">${a}</p>`}
    </div>
  `}function Rn({ctx:e,label:t,question:l,onYes:n}){let[o,a]=q(!1),i=cn(null);return Lo(()=>{o&&i.current?.focus()},[o]),o?_`
    <span class="row" role="group" aria-label=${l}>
      <span>${l}</span>
      <button type="button" class="danger" onClick=${()=>{a(!1),n()}}>
        ${e.t("yes",{step:t})}
      </button>
      <button type="button" ref=${i} onClick=${()=>a(!1)}>
        ${e.t("no")}
      </button>
    </span>
  `:_`
      <button type="button" onClick=${()=>a(!0)}>${t}</button>
    `}function Xe({text:e,isBad:t}){return _`
    <p role="status" class=${e===""?"":`note ${t?"bad":"good"}`}>
      ${e}
    </p>
  `}function Yo({ctx:e,name:t,secret:l}){return _`
    <div class="note warn">
      <p>${e.t("shownOnce",{name:t})}</p>
      <code class="secret">${l}</code>
      <button
        type="button"
        onClick=${()=>{navigator.clipboard?.writeText(l)}}
      >
        ${e.t("copy")}
      </button>
    </div>
  `}function Qo({t:e},{name:t,summary:l,cases:n},o){return(o==="zh"?Bo[t]??l:l).replaceAll(/\{\{ \$labels\.(\w+) \}\}/g,(i,c)=>{let d=n.flatMap(f=>f.labels[c]??[]);return d.length>0?d.join(", "):c==="instance"?e("thisEdge"):"…"})}var Oa=["firing","pending","quiet","unseen"],xl=({state:e,severity:t})=>2*Oa.indexOf(e)+(t==="page"?0:1);function jo({ctx:e,seen:t,language:l}){let{t:n,tag:o}=e,a=t.alarms.filter(({state:c})=>c==="firing"||c==="pending").sort((c,d)=>xl(c)-xl(d)),i=({cases:c})=>Nt(Math.max(...c.map(d=>d.seconds)),o);return _`
    <section aria-labelledby="loud" aria-live="polite">
      <h2 id="loud">${n("alarmsNow",{n:a.length})}</h2>
      ${a.length===0&&t.now!==null&&_`
        <p class="note good">${n("allQuiet")}</p>
      `}
      ${a.map(c=>{let d=c.state==="firing",f=d&&c.severity==="page"?"bad":"warn";return _`
          <div class=${`note ${f} alarm`}>
            <strong>${Qo(e,c,l)}</strong>
            <p class="row">
              <${ge} kind=${f}>
                ${n(d?"firing":"pending")}
              <//>
              <span>
                ${c.severity==="page"?n("page"):n("ticket")}
              </span>
              <span>${n("since",{time:i(c)})}</span>
              <code>${c.name}</code>
            </p>
          </div>
        `})}
    </section>
  `}function Jo({ctx:e,seen:t,language:l}){let{t:n,tag:o}=e,a={firing:"bad",pending:"warn",quiet:"good",unseen:"soft"};return _`
    <p>${n("alarmsNote",{time:Nt(t.watchedSeconds,o)})}</p>
    <${xe}
      caption=${n("alarms")}
      isTitled=${!0}
      heads=${[n("alarm"),n("state"),n("severity"),n("says")]}
      rows=${t.alarms.toSorted((i,c)=>xl(i)-xl(c)).map(i=>[_`<code>${i.name}</code>`,_`<${ge} kind=${a[i.state]}>${n(i.state)}<//>`,i.severity==="page"?n("page"):n("ticket"),Qo(e,i,l)])}
      empty=${n("none")}
    />
  `}function Tl(e){return async(t,l,n)=>{try{let o=await Wo(e,t,l,n),a=await o.text(),i=/^application\/(problem\+)?json/.test(o.headers.get("content-type")??"");return{status:o.status,body:i&&a!==""?JSON.parse(a):a}}catch{return{status:0,body:null}}}}async function Ml(e,t,l,n){let o=[],a;for(let i=0;i<n;i++){let c=a===void 0?"":`?${new URLSearchParams({cursor:a})}`,d=await e("GET",t+c);if(!ce(d))return d;if(o.push(...d.body[l]),{cursor:a}=d.body,a===void 0)break}return o}var sl=e=>/^[\x21-\x7e]{1,512}$/.test(e),ce=({status:e})=>e>=200&&e<300;var Ea=100;function La({ctx:e,merchantId:t,onReplayed:l}){let{t:n}=e,[o,a]=q(null),[i,c]=q({text:"",isBad:!1}),d=async()=>{let m=new URLSearchParams({merchant_id:t,status:"dead"});a(await e.call("GET",`/v1/admin/callbacks?${m}`))};be(()=>{d()},[t]);let f=async({callback_id:m,order_id:g})=>{let v=`/v1/admin/callbacks/${m}/replays`,k=await e.call("POST",v);c(ce(k)?{text:n("replayed",{order:g}),isBad:!1}:{text:Be(e,k),isBad:!0}),await d(),l()},y=o!==null&&ce(o)?o.body.callbacks:[];return _`
    <${Xe} ...${i} />
    <${xe}
      caption=${n("deadLettersOf",{merchant:e.nameOf(t)??t})}
      heads=${[n("order"),n("type"),n("tries"),n("why"),n("when"),n("step")]}
      rows=${y.map(m=>[_`<code>${m.order_id}</code>`,m.type,Ie(m.tries,e.tag),m.dead_reason,_`<${Ze} at=${m.created_at} />`,_`
          <button type="button" onClick=${()=>{f(m)}}>
            ${n("replay")}
          </button>
        `])}
      ids=${y.map(m=>m.callback_id)}
      empty=${n("none")}
    />
  `}function Pa({ctx:e,queues:t,chosen:l,onChoose:n}){let{t:o}=e,a=c=>Ie(c,e.tag)+(c===Ea?"+":""),i=c=>c===void 0?"–":_`<${Ze} at=${c} />`;return _`
    <${xe}
      caption=${o("callbackQueues")}
      isTitled=${!0}
      heads=${[o("merchant"),o("endpoint"),o("breaker"),o("waiting"),o("dueAt"),o("failingSince"),o("nextProbe"),o("dead")]}
      rows=${t.map(c=>[_`<${ll} ctx=${e} id=${c.merchant_id} />`,_`
          <${ge} kind=${c.endpoint==="active"?"good":"warn"}>
            ${o(`endpoint_${c.endpoint??"none"}`)}
          <//> <span class="url">${c.url}</span>
        `,_`
          <${ge} kind=${c.breaker==="open"?"bad":"good"}>
            ${o(`breaker_${c.breaker}`)}
          <//>
        `,a(c.waiting),i(c.due_at),i(c.failing_since),i(c.next_probe_at),c.dead===0?"0":_`
          <button
            type="button"
            aria-pressed=${l===c.merchant_id}
            onClick=${()=>n(c.merchant_id)}
          >
            ${o("showDead",{n:a(c.dead)})}
          </button>
        `])}
      ids=${t.map(c=>c.merchant_id)}
      empty=${o("noQueues")}
    />
  `}var Zo=({breaker:e,dead:t,waiting:l})=>e==="open"?0:t>0?1:l>0?2:3,Da=100;function Xo({ctx:e,tick:t}){let{t:l}=e,[n,o]=q([]),[a,i]=q(null),[c,d]=q(""),f=async()=>{let m=await Ml(e.call,"/v1/admin/callback-queues","queues",Da);i("status"in m?m:null),!("status"in m)&&o(m.toSorted((g,v)=>Zo(g)-Zo(v)))};return be(()=>{f()},[t,e.call]),_`
    <h2>${l("callbackQueues")}</h2>
    <p>${l("queuesNote")}</p>
    ${a!==null&&_`
      <${Xe} text=${Be(e,a)} isBad=${!0} />
    `}
    <${Pa} ...${{ctx:e,queues:n,chosen:c}} onChoose=${d} />
    ${c!==""&&_`
      <h2>${l("deadLetters")}</h2>
      <${La}
        ctx=${e}
        merchantId=${c}
        onReplayed=${()=>{f()}}
      />
    `}
  `}function Al({ctx:e,id:t,label:l,button:n,fault:o="",onKey:a}){let[i,c]=q(""),[d,f]=q(!1),y=g=>{g.preventDefault();let v=i.trim();f(!sl(v)),sl(v)&&(c(""),a(v))},m=d?e.t("keyOdd"):o;return _`
    <form class="key" onSubmit=${y}>
      <label for=${t}>${l}</label>
      <input
        id=${t}
        type="password"
        autocomplete="off"
        spellcheck=${!1}
        value=${i}
        aria-describedby=${`${t}-said`}
        aria-invalid=${m!==""}
        onInput=${g=>c(g.target.value)}
      />
      <button class="main">${n}</button>
      <p id=${`${t}-said`} role="alert" class=${m===""?"":"note bad"}>
        ${m}
      </p>
    </form>
  `}var Ra={uploaded:"soft",shadow:"warn",active:"good",retired:"soft"},Na={uploaded:["shadow","retire"],shadow:["activate","retire"],active:["rollback"],retired:["activate"]};function Fa({ctx:e,releases:t,onStep:l}){let{t:n,tag:o}=e,a=i=>Na[i.state].map(c=>_`
        <${Rn}
          key=${`${i.state} ${c}`}
          ctx=${e}
          label=${n(`step_${c}`)}
          question=${n(`sure_${c}`,{version:i.version})}
          onYes=${()=>l(c,i)}
        />
      `);return _`
    <${xe}
      caption=${n("releases")}
      heads=${[n("version"),n("state"),n("step"),n("shadowSearches"),n("differences"),n("slowest"),n("uploadedAt"),n("digest")]}
      rows=${t.toReversed().map(i=>[i.version,_`
          <${ge} kind=${Ra[i.state]}>${n(`release_${i.state}`)}<//>${" "}
          ${i.retired_because??""}
        `,_`<div class="row steps">${a(i)}</div>`,Ie(i.searches,o),_`
          <span class=${i.differences>0?"bad":""}>
            ${Ie(i.differences,o)}
          </span>
        `,i.slowest_ratio===void 0?"–":`× ${Bt(i.slowest_ratio,o)}`,_`<${Ze} at=${i.uploaded_at} />`,_`<code class="id">${i.sha256}</code>`])}
      ids=${t.toReversed().map(i=>i.release_id)}
      empty=${n("noReleases")}
    />
  `}function Ka({ctx:e,release:t}){let{t:l}=e,[n,o]=q(null),[a,i]=q({text:"",isBad:!1}),c=async()=>o(await t("GET","/v1/core-releases")),d=async(m,{release_id:g,version:v})=>{let k=m==="rollback"?await t("POST","/v1/core-releases/rollback",{release_id:g}):await t("POST",`/v1/core-releases/${g}/${m}`);i(ce(k)?{text:l(`did_${m}`,{version:v}),isBad:!1}:{text:Be(e,k),isBad:!0}),await c()};if(be(()=>{c()},[t]),n===null)return null;if(!ce(n))return _`<${Xe} text=${Be(e,n)} isBad=${!0} />`;let{releases:f,history:y}=n.body;return _`
    <${Xe} ...${a} />
    <${Fa} ...${{ctx:e,releases:f}} onStep=${d} />
    <${xe}
      caption=${l("releaseHistory")}
      heads=${[l("when"),l("step"),l("release"),l("by")]}
      rows=${y.toReversed().map(m=>[_`<${Ze} at=${m.at} />`,l(`step_${m.action}`),_`<code class="id">${m.release_id??l("builtIn")}</code>`,_`<code class="id">${m.by}</code>`])}
      empty=${l("none")}
    />
  `}function er({ctx:e,served:t}){let{t:l}=e,[n,o]=q(null);return _`
    <h2>${l("core")}</h2>
    ${t!==void 0&&_`
      <p>
        ${l("coreServes",{version:t.version})}${" "}
        <code>${t.release_id??l("builtIn")}</code>
      </p>
    `}
    ${n===null?_`
        <p>${l("releaseKeyNote")}</p>
        <${Al}
          ctx=${e}
          id="release-key"
          label=${l("releaseKey")}
          button=${l("showReleases")}
          onKey=${a=>{sl(a)&&o(()=>Tl(a))}}
        />
      `:_`
        <${Ka} ctx=${e} release=${n} />
        <button type="button" onClick=${()=>o(null)}>
          ${l("forgetReleaseKey")}
        </button>
      `}
  `}var Va={text:"",isBad:!1,secrets:[]};function Nn(e){let[t,l]=q(Va),n=async(a,i,c,d)=>{let f=await e.call(a,i,c);return l(ce(f)?{...d(f.body),isBad:!1}:{text:Be(e,f),isBad:!0,secrets:[]}),ce(f)},o=_`
    <${Xe} text=${t.text} isBad=${t.isBad} />
    ${t.secrets.map(a=>_`<${Yo} ctx=${e} ...${a} />`)}
  `;return{step:n,shown:o}}var Fn=(e,t)=>new FormData(e.target).get(t).trim();var tr=({ends_at:e},t)=>e!==void 0&&Date.parse(e)<=t;function ks({ctx:e,caption:t,isTitled:l=!1,keys:n,onEnd:o}){let{t:a}=e,i=Sl.nowMs(),c=d=>tr(d,i)?_`<${ge} kind="soft">${a("ended")}<//>`:d.ends_at===void 0?_`<${ge} kind="good">${a("works")}<//>`:_`<${ge} kind="warn">${a("endsLater")}<//>`;return _`
    <${xe}
      caption=${t}
      isTitled=${l}
      heads=${[a("key"),a("name"),a("state"),a("madeAt"),a("endsAt"),a("step")]}
      rows=${n.map(d=>[_`<code class="id">${d.key_id}</code>`,[d.name,d.scope].filter(Boolean).join(" · "),c(d),_`<${Ze} at=${d.created_at} />`,d.ends_at===void 0?"–":_`<${Ze} at=${d.ends_at} />`,tr(d,i)?"":_`
          <${Rn}
            ctx=${e}
            label=${a("endKey")}
            question=${a("endKeyQuestion")}
            onYes=${()=>o(d)}
          />
        `])}
      ids=${n.map(d=>d.key_id)}
      empty=${a("none")}
    />
  `}function nr({ctx:e}){let{t}=e,[l,n]=q([]),{step:o,shown:a}=Nn(e),i=async()=>{let f=await e.call("GET","/v1/admin/wallet-keys");ce(f)&&n(f.body.keys)};be(()=>{i()},[e.call]);let c=async f=>{f.preventDefault();let y=Fn(f,"key-name"),m=`/v1/admin/${Fn(f,"key-scope")}-keys`;await o("POST",m,{name:y},v=>({text:t("keyMade",{id:v.key_id}),secrets:[{name:y,secret:v.api_key}]}))&&f.target.reset(),await i()},d=async({key_id:f})=>{await o("DELETE",`/v1/admin/wallet-keys/${f}`,void 0,()=>({text:t("keyEnded",{id:f}),secrets:[]})),await i()};return _`
    <h2>${t("operatorKeys")}</h2>
    ${a}
    <form class="row" onSubmit=${c}>
      <label for="key-name">${t("keyName")}</label>
      <input id="key-name" name="key-name" required maxlength="100"
        autocomplete="off" />
      <label for="key-scope">${t("keyScope")}</label>
      <select id="key-scope" name="key-scope">
        <option value="wallet">${t("scopeWallet")}</option>
        <option value="release">${t("scopeRelease")}</option>
        <option value="metrics">${t("scopeMetrics")}</option>
      </select>
      <button>${t("addKey")}</button>
    </form>
    <${ks}
      ...${{ctx:e,keys:l,onEnd:d,isTitled:!0}}
      caption=${t("operatorKeys")}
    />
  `}function Wa({ctx:e,merchant:t,onChanged:l}){let{t:n}=e,{name:o}=t,{step:a,shown:i}=Nn(e),c=`/v1/admin/merchants/${t.merchant_id}`,d=t.status==="active",f=async()=>{let k=d?"suspended":"active",A=n(d?"wasSuspended":"wasReactivated");await a("PATCH",c,{status:k},()=>({text:A,secrets:[]})),l()},y=async()=>{await a("POST",`${c}/keys`,void 0,({key_id:k,api_key:A})=>({text:n("keyMade",{id:k}),secrets:[{name:n("key"),secret:A}]})),l()},m=async({key_id:k})=>{await a("DELETE",`${c}/keys/${k}`,void 0,()=>({text:n("keyEnded",{id:k}),secrets:[]})),l()},g=t.guess_odds?.per_day,v=g===void 0?"–":zo(g,e.tag);return _`
    <article class="sheet" aria-labelledby="merchant">
      <h3 id="merchant">
        ${o}${" "}
        <${ge} kind=${d?"good":"warn"}>${n(t.status)}<//>
      </h3>
      <p><code>${t.merchant_id}</code> · ${n("guessOdds",{odds:v})}</p>
      ${i}
      <div class="row">
        <${Rn}
          key=${t.status}
          ctx=${e}
          label=${n(d?"suspend":"reactivate")}
          question=${n(d?"suspendQuestion":"reactivateQuestion",{name:o})}
          onYes=${()=>{f()}}
        />
        <button type="button" onClick=${()=>{y()}}>
          ${n("addKey")}
        </button>
      </div>
      <${ks}
        ...${{ctx:e,keys:t.keys,onEnd:m}}
        caption=${n("keysOf",{name:o})}
      />
    </article>
  `}function lr({ctx:e,merchantId:t,onChanged:l}){let[n,o]=q(null),a=async()=>o(await e.call("GET",`/v1/admin/merchants/${t}`));if(be(()=>{a()},[t]),n===null)return null;if(!ce(n))return _`<${Xe} text=${Be(e,n)} isBad=${!0} />`;let i=()=>{a(),l()};return _`
    <${Wa} ctx=${e} merchant=${n.body} onChanged=${i} />
  `}function Ba({ctx:e,onAdded:t}){let{t:l}=e,{step:n,shown:o}=Nn(e);return _`
    ${o}
    <form class="row" onSubmit=${async i=>{i.preventDefault();let c=Fn(i,"name"),d=Fn(i,"url"),f={name:c,...d!==""&&{callback_url:d}};await n("POST","/v1/admin/merchants",f,m=>({text:l("merchantMade",{name:c,id:m.merchant_id}),secrets:[{name:l("key"),secret:m.api_key},...m.callback_secret===void 0?[]:[{name:l("callbackSecret"),secret:m.callback_secret}]]}))&&(i.target.reset(),t())}}>
      <label for="name">${l("merchantName")}</label>
      <input id="name" name="name" required maxlength="100" autocomplete="off" />
      <label for="url">${l("callbackUrl")}</label>
      <input id="url" name="url" type="url" autocomplete="off" />
      <button>${l("addMerchant")}</button>
    </form>
  `}function sr({ctx:e}){let{t}=e,[l,n]=q([]),[o,a]=q(),[i,c]=q(""),d=async m=>{let g=m===void 0?"":`?${new URLSearchParams({cursor:m})}`,v=await e.call("GET",`/v1/admin/merchants${g}`);if(!ce(v))return;let{merchants:k,cursor:A}=v.body;n(V=>m===void 0?k:[...V,...k]),a(A)};be(()=>{d()},[e.call]);let f=()=>{d()},y=m=>[m.name,_`
      <${ge} kind=${m.status==="active"?"good":"warn"}>
        ${t(m.status)}
      <//>
    `,_`<${Ze} at=${m.created_at} />`,_`<code class="id">${m.merchant_id}</code>`,_`
      <button
        type="button"
        aria-pressed=${i===m.merchant_id}
        aria-label=${t("openOf",{name:m.name})}
        onClick=${()=>c(m.merchant_id)}
      >
        ${t("open_")}
      </button>
    `];return _`
    <h2>${t("merchants")}</h2>
    <${Ba} ctx=${e} onAdded=${f} />
    <${xe}
      caption=${t("merchants")}
      isTitled=${!0}
      heads=${[t("name"),t("status"),t("madeAt"),t("merchant"),t("step")]}
      rows=${l.map(y)}
      ids=${l.map(m=>m.merchant_id)}
      empty=${t("none")}
    />
    ${o!==void 0&&_`
      <button type="button" onClick=${()=>{d(o)}}>
        ${t("moreMerchants")}
      </button>
    `}
    ${i!==""&&_`
      <${lr}
        key=${i}
        ...${{ctx:e,merchantId:i,onChanged:f}}
      />
    `}
    <${nr} ctx=${e} />
  `}var Pi=Ma(Li());var Di=150,Fu=e=>getComputedStyle(document.documentElement).getPropertyValue(e).trim();function Gl(e,t){e.style.setProperty("color",Fu(t));let{color:l}=getComputedStyle(e);return e.style.removeProperty("color"),l}function Ku(e,t,l,n){let o=new Intl.DateTimeFormat(n,{hour:"2-digit",minute:"2-digit",second:"2-digit",hourCycle:"h23"}),a={stroke:()=>Gl(e,"--soft"),grid:{stroke:()=>Gl(e,"--sheet")},ticks:{stroke:()=>Gl(e,"--sheet")},font:"14px system-ui"};return new Pi.default({width:e.clientWidth,height:Di,legend:{show:!1},cursor:{show:!1},scales:{y:{range:(i,c,d)=>[0,d>0?d*1.1:1]}},axes:[{...a,space:110,values:(i,c)=>c.map(d=>o.format(d*1e3))},{...a,size:(i,c)=>24+8*Math.max(4,...(c??[]).map(d=>d.length)),values:(i,c)=>c.map(l)}],series:[{},...t.map(({name:i,color:c,dash:d})=>({label:i,width:2,points:{show:!1},stroke:()=>Gl(e,c),...d!==void 0&&{dash:[...d]}}))]},[[],...t.map(()=>[])],e)}function Ri({title:e,lines:t,points:l,text:n,tag:o}){let a=cn(null),i=cn(null);be(()=>{let f=a.current,y=i.current=Ku(f,t,n,o),m=new ResizeObserver(()=>y.setSize({width:f.clientWidth,height:Di}));return m.observe(f),()=>{m.disconnect(),y.destroy()}},[o]),be(()=>{i.current?.setData([l.map(({at:f})=>f),...t.map(({key:f})=>l.map(({values:y})=>y[f]??null))])},[l,o]);let c=l.at(-1)?.values??{},d=({key:f,name:y,color:m,dash:g})=>{let v=c[f];return _`
      <li>
        <span
          class=${g===void 0?"stroke":"stroke dashed"}
          style=${{borderColor:`var(${m})`}}
        ></span>
        ${y}: <strong>${v===void 0?"–":n(v)}</strong>
      </li>
    `};return _`
    <figure>
      <figcaption>
        <h3>${e}</h3>
        <ul class="lines">${t.map(d)}</ul>
      </figcaption>
      <div ref=${a} class="chart" aria-hidden="true"></div>
    </figure>
  `}var Vu=/^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/,Wu=/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;function Ni(e){let t=new Map;for(let l of e.split(`
`)){let[,n,o="",a]=Vu.exec(l)??[];if(n===void 0)continue;let i=Object.fromEntries([...o.matchAll(Wu)].map(([,d,f])=>[d,f.replaceAll(/\\(.)/g,(y,m)=>m==="n"?`
`:m)])),c=t.get(n)??[];c.push({labels:i,value:Number(a)}),t.set(n,c)}return t}function Fi({labels:e},t){return Object.entries(t).every(([l,n])=>{let o=e[l]??"";return typeof n=="string"?o===n:n(o)})}function Mt(e,t,l={}){return e.get(t)?.filter(n=>Fi(n,l)).reduce((n,{value:o})=>n+o,0)}function Ul(e,t,l,n={}){let[o,a]=[e,t].map(i=>Mt(i,l,n)??0);return a<o?a:a-o}function fl(e,t,l,n={}){let o=(t.atMs-e.atMs)/1e3;return o<=0?0:Ul(e.metrics,t.metrics,l,n)/o}function Yn(e,t,l,n,o={}){let i=[...new Set(l.get(`${n}_bucket`)?.filter(k=>Fi(k,o)).map(({labels:k})=>k.le))].map(k=>{let A={...o,le:k},V=t===null?Mt(l,`${n}_bucket`,A):Ul(t,l,`${n}_bucket`,A);return{le:k==="+Inf"?1/0:Number(k),count:V}}).sort((k,A)=>k.le-A.le),c=i.at(-1)?.count??0;if(c===0)return;let d=e*c,f=i.findIndex(({count:k})=>k>=d),{le:y,count:m}=i[f],g=i[f-1]??{le:0,count:0};if(y===1/0)return g.le;let v=m===g.count?1:(d-g.count)/(m-g.count);return g.le+(y-g.le)*v}function Ki(e,t,l){let n=e.get(t)?.map(({labels:o})=>o[l]??"");return[...new Set(n)].sort()}var Bu=5e3,Hu=6e4,zu=720,Iu={now:null,before:null,points:[],alarms:[],watchedSeconds:0,ready:null,fault:null},Vi=["store-unavailable","ledger-unavailable","clock-unsure"],Gu="offcode_http_answers_total",Wi="offcode_http_request_duration_seconds",Uu="offcode_search_duration_seconds_count",Bi={method:"POST",route:e=>e==="/v1/payments"||e==="/v1/verifications"};function qu(e,t){let{metrics:l}=t,n={due:Mt(l,"offcode_payments_due"),underWay:Mt(l,"offcode_payments_under_way"),callbacksDue:Mt(l,"offcode_callback_merchants_due")};if(e===null)return{at:t.atMs/1e3,values:n};let o=c=>fl(e,t,Gu,{code:c}),a=c=>60*fl(e,t,Uu,{result:c}),i=c=>c==="ok"||c==="payment-pending";return{at:t.atMs/1e3,values:{...n,ok:o(c=>c==="ok"),pending:o(c=>c==="payment-pending"),failing:o(c=>Vi.includes(c)),refused:o(c=>!i(c)&&!Vi.includes(c)),p50:Yn(.5,e.metrics,l,Wi,Bi),p99:Yn(.99,e.metrics,l,Wi,Bi),misses:a("none"),collisions:a("ambiguous"),replays:60*o(c=>c==="code-replayed")}}}async function Yu(e,t,l){let[n,o,a]=await Promise.all([e("GET","/v1/admin/metrics"),e("GET","/v1/admin/alarms"),e("GET","/readyz")]);for(let f of[n,o])if(!ce(f))return f;let i={atMs:Sl.nowMs(),metrics:Ni(n.body)},c=t.at(-1)??null;l.push(qu(c,i)),l.splice(0,l.length-zu);let d=i.atMs-Hu;return t.push(i),t.splice(0,t.findIndex(({atMs:f})=>f>=d)),{now:i,before:t.length>1?t[0]:null,points:[...l],alarms:o.body.alarms,watchedSeconds:o.body.watched_seconds,ready:a,fault:null}}function Hi(e){let[t,l]=q(Iu),n=cn(()=>{});return be(()=>{let o=[],a=[],[i,c]=[!1,!1],d,f=async()=>{if(clearTimeout(d),c||i)return;c=!0;let y=await Yu(e,o,a);c=!1,!i&&(l(m=>"points"in y?y:{...m,fault:y}),d=setTimeout(f,Bu))};return f(),n.current=()=>{f()},()=>{i=!0,clearTimeout(d)}},[e]),{seen:t,again:()=>n.current()}}function ql(e,t){return e===void 0?void 0:Mt(e,t)}function Ii({ctx:e,seen:t}){let{t:l,tag:n}=e,{points:o}=t,a=f=>`${Bt(f,n)} ${l("perSecond")}`,i=f=>`${Bt(f,n)} ${l("perMinute")}`,c=(f,y,m,g)=>({key:f,name:y,color:m,...g!==void 0&&{dash:g}}),d=(f,y,m)=>_`<${Ri} ...${{title:f,text:y,lines:m,points:o,tag:n}} />`;return _`
    <div class="charts">
      ${d(l("chartAnswers"),a,[c("ok",l("lineOk"),"--good"),c("refused",l("lineRefused"),"--warn"),c("pending",l("linePending"),"--accent",[6,4]),c("failing",l("lineFailing"),"--bad",[2,3])])}
      ${d(l("chartTimes"),f=>Nt(f,n),[c("p50",l("lineP50"),"--good"),c("p99",l("lineP99"),"--warn",[6,4])])}
      ${d(l("chartCodes"),i,[c("misses",l("misses"),"--warn"),c("replays",l("replays"),"--accent",[6,4]),c("collisions",l("collisions"),"--bad",[2,3])])}
      ${d(l("chartQueues"),f=>Ie(f,n),[c("underWay",l("underWay"),"--good"),c("due",l("due"),"--warn",[6,4]),c("callbacksDue",l("callbacksDue"),"--accent",[2,3])])}
    </div>
  `}function Qu({t:e,tag:t},l){let n=l.now?.metrics,o=y=>ql(n,`offcode_${y}`),a=(y,m,g,v=()=>!1)=>({name:m,value:y(o(g),t),warn:v(o(g)??0),title:`offcode_${g}`}),i=a.bind(null,Ie),c=a.bind(null,Nt),d=a.bind(null,$s),f=y=>y>0;return[[e("payments"),[i(e("underWay"),"payments_under_way",y=>y>100),i(e("due"),"payments_due"),c(e("oldestDue"),"payments_oldest_due_seconds",y=>y>60)]],[e("callbacks"),[i(e("callbacksDue"),"callback_merchants_due"),c(e("oldestDue"),"callback_oldest_due_seconds",y=>y>120),i(e("deliveries"),"callback_deliveries"),i(e("deliveriesWaiting"),"callback_deliveries_waiting"),i(e("breakersOpen"),"callback_breakers_open",f)]],[e("rations"),[i(e("rationsKnown"),"guess_rations"),i(e("rationsSpent"),"guess_rations_spent",f)]],[e("buckets"),[i(e("buckets"),"buckets"),i(e("seeds"),"bucket_seeds"),i(e("fullest"),"bucket_largest_seeds"),d(e("bucketMemory"),"bucket_memory_bytes"),d(e("bucketLimit"),"bucket_memory_limit_bytes")]],[e("core"),[i(e("coreVersion"),"core_version"),i(e("coreUnfit"),"core_release_unfit",f),i(e("coreShadow"),"core_shadow"),i(e("shadowSearches"),"core_shadow_searches")]],[e("store"),[i(e("cells"),"store_cells"),i(e("storeFaults"),"store_faults_total",f)]],[e("clock"),[c(e("clockOffset"),"clock_offset_seconds",y=>Math.abs(y)>1),i(e("clockUnsure"),"clock_unsure",f)]],[e("process"),ju({t:e,tag:t},l)]]}function ju({t:e,tag:t},{now:l,before:n}){let o=ql(l?.metrics,"process_start_time_seconds");return[{name:e("memory"),value:$s(ql(l?.metrics,"process_resident_memory_bytes"),t),title:"process_resident_memory_bytes"},{name:e("cpu"),value:l===null||n===null?"–":`${Bt(100*fl(n,l,"process_cpu_seconds_total"),t)} %`,title:"process_cpu_seconds_total"},{name:e("uptime"),value:Nt(o===void 0?void 0:l.atMs/1e3-o,t),title:"process_start_time_seconds"}]}function Gi({ctx:e,seen:t}){return _`
    <div class="groups">
      ${Qu(e,t).map(([l,n])=>_`
          <section>
            <h3>${l}</h3>
            <dl class="tiles">
              ${n.map(o=>_`<${qo} ...${o} />`)}
            </dl>
          </section>
        `)}
    </div>
  `}var pl="offcode_http_answers_total",zi="offcode_search_duration_seconds_count";function Ui({ctx:e,seen:t}){let{t:l,tag:n}=e,{now:o,before:a}=t;if(o===null)return null;let i=(f,y,m={})=>[f,a===null?"–":Ie(Ul(a.metrics,o.metrics,y,m),n),Ie(Mt(o.metrics,y,m),n)],c=[l("what"),l("lastMinute"),l("sinceStart")],d=Ki(o.metrics,pl,"code").filter(f=>(Mt(o.metrics,pl,{code:f})??0)>0);return _`
    <${xe}
      caption=${l("countsOfCodes")}
      heads=${c}
      rows=${[i(l("misses"),zi,{result:"none"}),i(l("collisions"),zi,{result:"ambiguous"}),i(l("replays"),pl,{code:"code-replayed"}),i(l("pendingAnswers"),pl,{code:"payment-pending"}),i(l("callbacksQueued"),"offcode_callbacks_queued_total")]}
      empty=""
    />
    <${xe}
      caption=${l("answersByCode")}
      heads=${c}
      rows=${d.map(f=>i(f,pl,{code:f}))}
      empty=${l("none")}
    />
  `}var Ju=[["offcode_http_request_duration_seconds",["method","route"]],["offcode_search_duration_seconds",["result"]],["offcode_store_request_duration_seconds",["request"]],["offcode_store_node_request_duration_seconds",["node"]],["offcode_ledger_request_duration_seconds",["request","result"]],["offcode_callback_attempt_duration_seconds",["result"]]];function Zu(e,t,l){let n=new Map;for(let o of e.get(`${t}_count`)??[]){if(o.value===0)continue;let a=Object.fromEntries(l.map(i=>[i,o.labels[i]??""]));n.set(JSON.stringify(a),a)}return[...n.values()]}function qi({ctx:e,seen:t}){let{t:l,tag:n}=e,{now:o,before:a}=t;if(o===null)return null;let i={offcode_http_request_duration_seconds:l("legCall"),offcode_search_duration_seconds:l("legSearch"),offcode_store_request_duration_seconds:l("legStore"),offcode_store_node_request_duration_seconds:l("legNode"),offcode_ledger_request_duration_seconds:l("legLedger"),offcode_callback_attempt_duration_seconds:l("legCallback")},c=Ju.flatMap(([d,f])=>Zu(o.metrics,d,f).map(y=>{let m=g=>{let v=a===null?void 0:Yn(g,a.metrics,o.metrics,d,y);return Nt(v??Yn(g,null,o.metrics,d,y),n)};return[`${i[d]} ${Object.values(y).join(" ")}`,Ie(Mt(o.metrics,`${d}_count`,y),n),m(.5),m(.99)]}));return _`
    <${xe}
      caption=${l("times")}
      heads=${[l("what"),l("sinceStart"),l("lineP50"),l("lineP99")]}
      rows=${c}
      empty=${l("none")}
    />
    <p class="soft">${l("timesNote")}</p>
  `}function Yi({ctx:e,seen:t}){let{t:l}=e,{ready:n}=t;if(n===null)return null;let o=n.status===200;return _`
    <p class="row">
      <${ge} kind=${o?"good":"bad"}>
        ${o?l("ready"):l("notReady",{code:n.body?.code??""})}
      <//>
      ${(n.body?.warnings??[]).map(a=>_`<${ge} kind="warn">${a.code}<//>`)}
    </p>
  `}var Xu={title:"Offcode Console",language:"Language",adminKey:"Admin key",keyNote:"The admin key stays in the memory of this page and is gone with it.",enter:"Open the console",leave:"Forget the key",keyOdd:"A key has no spaces and only letters, digits and signs.",keyRefused:"This key may not do that. The console needs the admin key.",noAnswer:"The edge does not answer.",notFound:"There is no such thing.",unavailable:"The edge cannot do that now ({code}).",refusedBecause:"Refused: {code}. {why}",lookFailed:"The latest look failed; what you see is older.",views:"Views",again:"Look now",vault:"Vault",store:"Store",cells:"cells",cell:"cell {cell}",storeFaults:"requests without an answer, since the start",zone:"Times are of {zone}.",thisEdge:"this edge",openOf:"Open {name}",queuesNote:"All merchants are looked through when this view is opened and when you look again.",overview:"Now",alarms:"Alarms",payments:"Payments",callbacks:"Callbacks",merchants:"Merchants and keys",core:"Core",keyring:"Master keys",ready:"This edge is ready",notReady:"This edge is not ready: {code}",alarmsNow:"Alarms now: {n}",allQuiet:"No alarm, as far as this edge sees.",firing:"Firing",pending:"Soon, if it lasts",quiet:"Quiet",unseen:"Not seen from here",page:"act now",ticket:"look at it within a day",since:"for {time}",alarmsNote:"Judged by this edge over what it has seen of itself for {time}. Prometheus sees all edges.",alarm:"Alarm",state:"State",severity:"Severity",says:"What it says",chartAnswers:"Answers",chartTimes:"Time of a payment or a verification",chartCodes:"Codes that did not pay",chartQueues:"Queues",perSecond:"/s",perMinute:"/min",lineOk:"done",lineRefused:"refused",linePending:"pending",lineFailing:"faults of the server",lineP50:"half of them take at most",lineP99:"99 of 100 take at most",misses:"misses: no customer found",replays:"replays: code used before",collisions:"collisions: two customers match",pendingAnswers:"answers “pending”",callbacksQueued:"callbacks queued",underWay:"under way",due:"due",oldestDue:"oldest has been due for",callbacksDue:"merchants with callbacks due",deliveries:"merchants being delivered to",deliveriesWaiting:"of these, waiting",breakersOpen:"breakers open",rations:"Guess rations",rationsKnown:"known to this edge",rationsSpent:"used up",buckets:"Buckets",seeds:"Seeds",fullest:"seeds in the fullest bucket",bucketMemory:"memory taken",bucketLimit:"memory allowed",coreVersion:"version (0: built in)",coreUnfit:"active release unfit here",coreShadow:"in shadow",shadowSearches:"Searches compared in shadow",clock:"Clock",clockOffset:"ahead of the store's",clockUnsure:"unsure: no code accepted",process:"Process",memory:"memory",cpu:"processor",uptime:"runs for",what:"What",lastMinute:"Last minute",sinceStart:"Since the start",countsOfCodes:"Codes and callbacks",answersByCode:"Answers by code",times:"Times of calls and of their legs",timesNote:"Of the last minute where there was something, otherwise since the start. Within a bucket of the histogram they are estimates.",legCall:"call",legSearch:"search",legStore:"store",legNode:"node of the store",legLedger:"ledger",legCallback:"callback",none:"None",searchTitle:"Find an order or a payment",searchLabel:"Order number or payment id",find:"Find",found:"Found: {n}",nothingFound:"No order and no payment has this id.",order:"Order",merchant:"Merchant",payment:"Payment",paymentsOfOrder:"Payments of the order",status:"Status",amount:"Amount",account:"Account",till:"Shop and till",more:"More",confirmed:"confirmed by the customer",waitsForLedger:"waits for the ledger",waitsForCustomer:"waits for the customer",closedUnseen:"Closed before any payment was seen",steps:"Its life, step by step",when:"When",step:"Step",duePayments:"Payments under way",dueAt:"Due",startedAt:"Began",showLife:"Show its life",nothingDue:"No payment is under way.",is_open:"under way",is_paid:"paid",is_declined:"declined",is_reversing:"being reversed",is_reversed:"reversed",is_refunded:"refunded",is_processing:"at the ledger",is_awaiting_confirmation:"waits for the customer",is_succeeded:"succeeded",is_accepted:"code accepted",is_confirmed:"confirmed by the customer",is_closed_unseen:"closed before it was seen",is_refund_asked:"refund asked for",is_refund_succeeded:"refund given",is_refund_declined:"refund declined",is_callback_queued:"callback queued",is_callback_attempt:"callback sent",is_callback_delivered:"callback delivered",is_callback_dead:"callback given up",callbackQueues:"Queues of callbacks",endpoint:"Endpoint",endpoint_active:"active",endpoint_disabled:"disabled",endpoint_none:"none",breaker:"Breaker",breaker_open:"open",breaker_closed:"closed",waiting:"Waiting",failingSince:"Failing since",nextProbe:"Next probe",dead:"Given up",showDead:"Show {n}",noQueues:"No merchant has an endpoint or a callback.",deadLetters:"Dead letters",deadLettersOf:"Callbacks of {merchant} that were given up",type:"Reports",tries:"Tries",why:"Why",replay:"Send again",replayed:"The callback of {order} is queued again.",name:"Name",merchantName:"Name of a new merchant",callbackUrl:"Callback URL (may be empty)",addMerchant:"Add the merchant",merchantMade:"{name} was added as {id}.",moreMerchants:"More merchants",open_:"Open",active:"active",suspended:"suspended",suspend:"Suspend",reactivate:"Reactivate",suspendQuestion:"Suspend {name}? It takes no new payment from then on.",reactivateQuestion:"Let {name} take payments again?",wasSuspended:"The merchant is suspended.",wasReactivated:"The merchant takes payments again.",guessOdds:"odds that a day of guessed codes hits a customer: {odds}",key:"Key",addKey:"Make a key",keyMade:"The key {id} was made.",keysOf:"Keys of {name}",madeAt:"Made",endsAt:"Ends",works:"works",endsLater:"ends later",ended:"ended",endKey:"End",endKeyQuestion:"End this key at once? Whoever uses it is refused.",keyEnded:"The key {id} has ended.",operatorKeys:"Keys of backends, releases and collectors",keyName:"Name of a new key",keyScope:"For",scopeWallet:"a wallet's backend",scopeRelease:"core releases",scopeMetrics:"metrics",callbackSecret:"Callback secret",shownOnce:"{name}: shown only this once. Hand it over, then leave this view.",copy:"Copy",yes:"Yes: {step}",no:"No",coreServes:"The core that serves here has version {version}.",builtIn:"built in",releaseKey:"Release key",releaseKeyNote:"Core releases want a key of their own, of the scope release. It stays in the memory of this view.",showReleases:"Show the releases",forgetReleaseKey:"Forget the release key",releases:"Core releases",release:"Release",version:"Version",differences:"Differences",slowest:"Slowest against active",uploadedAt:"Uploaded",digest:"SHA-256",noReleases:"No release was uploaded.",releaseHistory:"Who did what",by:"By",release_uploaded:"uploaded",release_shadow:"in shadow",release_active:"active",release_retired:"retired",step_upload:"Upload",step_shadow:"Put into shadow",step_activate:"Activate",step_retire:"Retire",step_rollback:"Roll back",sure_shadow:"Compare version {version} with the active core?",sure_activate:"Let version {version} decide on every edge?",sure_retire:"Take version {version} out of use for good?",sure_rollback:"Leave version {version} for the core before it?",did_shadow:"Version {version} runs in shadow.",did_activate:"Version {version} is active; every edge follows within five seconds.",did_retire:"Version {version} is retired.",did_rollback:"Version {version} was left; every edge follows within five seconds.",masterKey:"Master key",seals:"seals",opens:"opens",missing:"missing: put it back",callbackSecrets:"Callback secrets",apiKeys:"API keys",profiles:"Profiles",profile:"Profile",enrols:"new enrolments get it",served:"served",liveCredentials:"Live credentials",countAgain:"Count again",counting:"Counting …"},ed={title:"Offcode 控制台",language:"语言",adminKey:"管理密钥",keyNote:"管理密钥只留在本页面的内存中，关闭页面即消失。",enter:"打开控制台",leave:"忘掉密钥",keyOdd:"密钥不含空格，只由字母、数字和符号组成。",keyRefused:"这个密钥无权这样做。控制台需要管理密钥。",noAnswer:"边缘节点没有应答。",notFound:"找不到。",unavailable:"边缘节点现在做不到（{code}）。",refusedBecause:"被拒绝：{code}。{why}",lookFailed:"最近一次查看失败；下面是较早的数据。",views:"视图",again:"立即刷新",vault:"密钥库",store:"存储",cells:"分区",cell:"分区 {cell}",storeFaults:"自启动以来未得到应答的请求",zone:"时间按 {zone}。",thisEdge:"本节点",openOf:"打开 {name}",queuesNote:"打开此视图或再次刷新时会查看所有商户。",overview:"当前",alarms:"告警",payments:"付款",callbacks:"回调",merchants:"商户与密钥",core:"核心",keyring:"主密钥",ready:"本边缘节点就绪",notReady:"本边缘节点未就绪：{code}",alarmsNow:"当前告警：{n}",allQuiet:"就本边缘节点所见，没有告警。",firing:"正在告警",pending:"若持续则告警",quiet:"正常",unseen:"此处看不到",page:"立即处理",ticket:"一天之内处理",since:"已持续 {time}",alarmsNote:"由本边缘节点按自己 {time} 以来的指标判断。Prometheus 能看到所有节点。",alarm:"告警",state:"状态",severity:"级别",says:"含义",chartAnswers:"应答",chartTimes:"付款或验证的耗时",chartCodes:"没有付成的付款码",chartQueues:"队列",perSecond:"次/秒",perMinute:"次/分",lineOk:"成功",lineRefused:"被拒绝",linePending:"待定",lineFailing:"服务器故障",lineP50:"半数不超过",lineP99:"百分之九十九不超过",misses:"未命中：找不到顾客",replays:"重放：付款码已用过",collisions:"碰撞：两名顾客匹配",pendingAnswers:"“待定”应答",callbacksQueued:"排队的回调",underWay:"进行中",due:"到期",oldestDue:"最早一笔已到期",callbacksDue:"有到期回调的商户",deliveries:"正在投递的商户",deliveriesWaiting:"其中等待的",breakersOpen:"断开的断路器",rations:"猜码额度",rationsKnown:"本节点所知",rationsSpent:"已用完",buckets:"桶",seeds:"种子",fullest:"最满的桶中的种子",bucketMemory:"占用内存",bucketLimit:"内存上限",coreVersion:"版本（0：内置）",coreUnfit:"启用的版本在此不可用",coreShadow:"影子运行中",shadowSearches:"影子比较的查找",clock:"时钟",clockOffset:"比存储快",clockUnsure:"不确定：不接受付款码",process:"进程",memory:"内存",cpu:"处理器",uptime:"已运行",what:"项目",lastMinute:"最近一分钟",sinceStart:"自启动以来",countsOfCodes:"付款码与回调",answersByCode:"按代码的应答",times:"调用及其各段的耗时",timesNote:"有数据时取最近一分钟，否则自启动以来。直方图的桶内为估计值。",legCall:"调用",legSearch:"查找",legStore:"存储",legNode:"存储节点",legLedger:"账本",legCallback:"回调",none:"没有",searchTitle:"查找订单或付款",searchLabel:"订单号或付款号",find:"查找",found:"找到：{n}",nothingFound:"没有这个号码的订单或付款。",order:"订单",merchant:"商户",payment:"付款",paymentsOfOrder:"订单的付款",status:"状态",amount:"金额",account:"账户",till:"门店与收银台",more:"详情",confirmed:"顾客已确认",waitsForLedger:"等待账本",waitsForCustomer:"等待顾客",closedUnseen:"在出现付款之前已关闭",steps:"逐步经过",when:"时间",step:"步骤",duePayments:"进行中的付款",dueAt:"到期时间",startedAt:"开始时间",showLife:"查看经过",nothingDue:"没有进行中的付款。",is_open:"进行中",is_paid:"已付",is_declined:"被拒付",is_reversing:"正在撤销",is_reversed:"已撤销",is_refunded:"已退款",is_processing:"账本处理中",is_awaiting_confirmation:"等待顾客确认",is_succeeded:"成功",is_accepted:"付款码已接受",is_confirmed:"顾客已确认",is_closed_unseen:"出现之前已关闭",is_refund_asked:"申请退款",is_refund_succeeded:"已退款",is_refund_declined:"退款被拒",is_callback_queued:"回调已排队",is_callback_attempt:"回调已发送",is_callback_delivered:"回调已送达",is_callback_dead:"回调已放弃",callbackQueues:"回调队列",endpoint:"端点",endpoint_active:"启用",endpoint_disabled:"停用",endpoint_none:"没有",breaker:"断路器",breaker_open:"断开",breaker_closed:"接通",waiting:"等待",failingSince:"失败始于",nextProbe:"下次探测",dead:"已放弃",showDead:"查看 {n}",noQueues:"没有商户设置端点或有回调。",deadLetters:"死信",deadLettersOf:"{merchant} 已放弃的回调",type:"内容",tries:"次数",why:"原因",replay:"重新发送",replayed:"{order} 的回调已重新排队。",name:"名称",merchantName:"新商户名称",callbackUrl:"回调地址（可空）",addMerchant:"添加商户",merchantMade:"已添加 {name}，编号 {id}。",moreMerchants:"更多商户",open_:"打开",active:"正常",suspended:"已暂停",suspend:"暂停",reactivate:"恢复",suspendQuestion:"暂停 {name}？此后它不能收取新的付款。",reactivateQuestion:"让 {name} 重新收款？",wasSuspended:"商户已暂停。",wasReactivated:"商户已恢复收款。",guessOdds:"一天猜码命中顾客的概率：{odds}",key:"密钥",addKey:"新建密钥",keyMade:"已新建密钥 {id}。",keysOf:"{name} 的密钥",madeAt:"创建时间",endsAt:"结束时间",works:"有效",endsLater:"稍后结束",ended:"已结束",endKey:"结束",endKeyQuestion:"立即结束此密钥？使用它的人将被拒绝。",keyEnded:"密钥 {id} 已结束。",operatorKeys:"后端、发布与采集的密钥",keyName:"新密钥名称",keyScope:"用途",scopeWallet:"钱包后端",scopeRelease:"核心发布",scopeMetrics:"指标采集",callbackSecret:"回调密钥",shownOnce:"{name}：只显示这一次。请交给对方，然后离开此视图。",copy:"复制",yes:"是：{step}",no:"否",coreServes:"此处运行的核心版本为 {version}。",builtIn:"内置",releaseKey:"发布密钥",releaseKeyNote:"核心发布需要单独的发布密钥。它只留在此视图的内存中。",showReleases:"查看版本",forgetReleaseKey:"忘掉发布密钥",releases:"核心版本",release:"版本编号",version:"版本",differences:"差异",slowest:"最慢倍数",uploadedAt:"上传时间",digest:"SHA-256 摘要",noReleases:"没有上传过版本。",releaseHistory:"操作记录",by:"操作者",release_uploaded:"已上传",release_shadow:"影子运行",release_active:"正在使用",release_retired:"已停用",step_upload:"上传",step_shadow:"转入影子",step_activate:"启用",step_retire:"停用",step_rollback:"回退",sure_shadow:"将版本 {version} 与正在使用的核心比较？",sure_activate:"让版本 {version} 在所有节点上生效？",sure_retire:"永久停用版本 {version}？",sure_rollback:"放弃版本 {version}，回到之前的核心？",did_shadow:"版本 {version} 正在影子运行。",did_activate:"版本 {version} 已启用；各节点五秒内跟进。",did_retire:"版本 {version} 已停用。",did_rollback:"已放弃版本 {version}；各节点五秒内跟进。",masterKey:"主密钥",seals:"用于封存",opens:"用于打开",missing:"缺失：请放回",callbackSecrets:"回调密钥",apiKeys:"接口密钥",profiles:"方案",profile:"方案",enrols:"新注册使用",served:"提供服务",liveCredentials:"有效凭证",countAgain:"重新统计",counting:"统计中……"},Yl={en:Xu,zh:ed};var td=["succeeded","paid","callback_delivered","refund_succeeded"],nd=["declined","callback_dead","refund_declined"],jl=e=>td.includes(e)?"good":nd.includes(e)?"bad":"soft",ld=({step:e,http_status:t=0})=>e!=="callback_attempt"?jl(e):t>=200&&t<300?"good":"warn",Ql=({t:e},t)=>{let l=`is_${t}`;return Object.hasOwn(Yl.en,l)?e(l):t};function sd(e,t,l){let n=[t.amount_minor!==void 0&&l!==void 0&&Cl(t.amount_minor,l,e.tag),t.reason,t.refund_id,t.type,t.http_status!==void 0&&`HTTP ${t.http_status}`,t.error,t.duration_ms!==void 0&&Nt(t.duration_ms/1e3,e.tag)].filter(o=>o!==void 0&&o!==!1);return _`
    ${n.join(" · ")}
    ${t.response!==void 0&&t.response!==""&&_`
      <pre class="response">${t.response}</pre>
    `}
    <code class="soft id below">${t.callback_id??t.payment_id??""}</code>
  `}function od({ctx:e,order:t}){let{t:l,tag:n}=e,o=t.payments.at(-1)?.currency;return _`
    <article class="sheet">
      <h3>
        ${l("order")} <code>${t.order_id}</code>${" "}
        <${ge} kind=${jl(t.state)}>${Ql(e,t.state)}<//>
      </h3>
      <p>
        ${l("merchant")}: <${ll} ctx=${e} id=${t.merchant_id} />
        ${t.cell!==void 0&&` · ${l("cell",{cell:t.cell})}`}
      </p>
      <${xe}
        caption=${l("paymentsOfOrder")}
        heads=${[l("payment"),l("status"),l("amount"),l("account"),l("till"),l("more")]}
        rows=${t.payments.map(a=>[_`<code class="id">${a.payment_id}</code>`,_`<${ge} kind=${jl(a.status)}>${Ql(e,a.status)}<//>`,Cl(a.amount_minor,a.currency,n),_`<code>${a.account_id}</code>`,[a.store_id,a.terminal_id].filter(Boolean).join(" "),[a.cell!==void 0&&l("cell",{cell:a.cell}),a.description,a.decline_reason,a.confirmed&&l("confirmed"),a.waits_for==="ledger"&&l("waitsForLedger"),a.waits_for==="customer"&&l("waitsForCustomer")].filter(Boolean).join(" · ")])}
        empty=${l("closedUnseen")}
      />
      <${xe}
        caption=${l("steps")}
        heads=${[l("when"),l("step"),l("more")]}
        rows=${t.steps.map(a=>[_`<${Ze} at=${a.at} />`,_`<${ge} kind=${ld(a)}>${Ql(e,a.step)}<//>`,sd(e,a,o)])}
        empty=${l("none")}
      />
    </article>
  `}function rd({ctx:e,wanted:t}){let{t:l}=e,[n,o]=q(t),[a,i]=q(null),c=async f=>{let y=f.startsWith("pay_")?"payment_id":"order_id",m=new URLSearchParams({[y]:f.trim()});i(await e.call("GET",`/v1/admin/orders?${m}`))};be(()=>{t!==""&&(o(t),c(t))},[t]);let d=a!==null&&ce(a)?a.body.orders:[];return _`
    <form
      class="row"
      role="search"
      onSubmit=${f=>{f.preventDefault(),n.trim()!==""&&c(n)}}
    >
      <label for="search">${l("searchLabel")}</label>
      <input
        id="search"
        type="search"
        spellcheck=${!1}
        autocomplete="off"
        value=${n}
        onInput=${f=>o(f.target.value)}
      />
      <button class="main">${l("find")}</button>
    </form>
    <${Xe}
      text=${a===null?"":ce(a)?d.length===0?l("nothingFound"):l("found",{n:d.length}):Be(e,a)}
      isBad=${a!==null&&(!ce(a)||d.length===0)}
    />
    ${d.map(f=>_`<${od} ctx=${e} order=${f} />`)}
  `}function Qi({ctx:e,tick:t}){let{t:l,tag:n}=e,[o,a]=q(""),[i,c]=q(null);be(()=>{e.call("GET","/v1/admin/due-payments").then(c)},[t,e.call]);let d=i!==null&&ce(i)?i.body.payments:[];return _`
    <h2>${l("searchTitle")}</h2>
    <${rd} ctx=${e} wanted=${o} />
    <h2>${l("duePayments")}</h2>
    ${i!==null&&!ce(i)&&_`
      <${Xe} text=${Be(e,i)} isBad=${!0} />
    `}
    <${xe}
      caption=${l("duePayments")}
      isTitled=${!0}
      heads=${[l("order"),l("merchant"),l("status"),l("amount"),l("dueAt"),l("startedAt"),l("step")]}
      rows=${d.map(f=>[_`<code>${f.order_id}</code>`,_`<${ll} ctx=${e} id=${f.merchant_id} />`,_`<${ge} kind=${jl(f.status)}>${Ql(e,f.status)}<//>`,Cl(f.amount_minor,f.currency,n),_`<${Ze} at=${f.due_at} />`,_`<${Ze} at=${f.created_at} />`,_`
          <button type="button" onClick=${()=>a(f.payment_id)}>
            ${l("showLife")}
          </button>
        `])}
      empty=${l("nothingDue")}
    />
  `}var id={seals:"good",opens:"soft",missing:"bad",enrols:"good",served:"soft"};function ji({ctx:e}){let{t,tag:l}=e,[n,o]=q(null),[a,i]=q(null),c=async()=>{i(await e.call("GET","/v1/admin/profiles")),o(await e.call("GET","/v1/admin/keyring"))};be(()=>{c()},[e.call]);let d=g=>_`<${ge} kind=${id[g]}>${t(g)}<//>`,f=[n,a].filter(g=>g!==null&&!ce(g)),y=n!==null&&ce(n)?n.body.keys:[],m=a!==null&&ce(a)?a.body.profiles:[];return _`
    <h2>${t("keyring")}</h2>
    ${f.map(g=>_`<${Xe} text=${Be(e,g)} isBad=${!0} />`)}
    <button type="button" onClick=${()=>{c()}}>${t("countAgain")}</button>
    <${xe}
      caption=${t("keyring")}
      isTitled=${!0}
      heads=${[t("masterKey"),t("state"),t("seeds"),t("callbackSecrets"),t("apiKeys")]}
      rows=${y.map(g=>[_`<code>${g.kid}</code>`,d(g.state),Ie(g.seeds,l),Ie(g.callback_secrets,l),Ie(g.api_keys,l)])}
      empty=${t(n===null?"counting":"none")}
    />
    <h2>${t("profiles")}</h2>
    <${xe}
      caption=${t("profiles")}
      isTitled=${!0}
      heads=${[t("profile"),t("state"),t("liveCredentials")]}
      rows=${m.map(g=>[g.profile,d(g.state),Ie(g.live_credentials,l)])}
      empty=${t(a===null?"counting":"none")}
    />
  `}var ad=["overview","alarms","payments","callbacks","merchants","core","vault"];function cd({ctx:e,view:t,seen:l,pressed:n,language:o}){switch(t){case"overview":return _`
        <${jo} ...${{ctx:e,seen:l,language:o}} />
        <${Ii} ...${{ctx:e,seen:l}} />
        <${Gi} ...${{ctx:e,seen:l}} />
        <div class="pair">
          <${Ui} ...${{ctx:e,seen:l}} />
        </div>
        <${qi} ...${{ctx:e,seen:l}} />
      `;case"alarms":return _`
        <h2>${e.t("alarms")}</h2>
        <${Jo} ...${{ctx:e,seen:l,language:o}} />
      `;case"payments":return _`<${Qi} ctx=${e} tick=${l.now} />`;case"callbacks":return _`<${Xo} ctx=${e} tick=${n} />`;case"merchants":return _`<${sr} ctx=${e} />`;case"core":return _`
        <${er} ctx=${e} served=${l.ready?.body?.core} />
      `;case"vault":return _`<${ji} ctx=${e} />`}}var ud=20;function dd(e){let[t,l]=q(new Map);return be(()=>{Ml(e,"/v1/admin/merchants","merchants",ud).then(o=>{"status"in o||l(new Map(o.map(a=>[a.merchant_id,a.name])))})},[e]),n=>t.get(n)}function fd({t:e,tag:t,call:l,language:n,onLeave:o}){let a=dd(l),i={t:e,tag:t,call:l,nameOf:a},[c,d]=q(0),f=()=>{d(c+1),v()},[y,m]=q("overview"),{seen:g,again:v}=Hi(l),k=g.alarms.filter(({state:A})=>A==="firing").length;return be(()=>(document.title=k>0?`(${k}) ${e("title")}`:e("title"),()=>document.title=e("title")),[k,n]),_`
    <nav aria-label=${e("views")} class="row">
      ${ad.map(A=>_`
          <button
            type="button"
            aria-current=${A===y?"page":void 0}
            onClick=${()=>m(A)}
          >
            ${e(A)}${A==="alarms"&&k>0&&_`
              <span class="badge bad">${k}</span>
            `}
          </button>
        `)}
      <button type="button" class="plain" onClick=${f}>${e("again")}</button>
      <button type="button" class="plain" onClick=${o}>
        ${e("leave")}
      </button>
    </nav>
    <main>
      ${g.fault!==null&&_`
        <p role="alert" class="note bad">
          ${e("lookFailed")} ${Be(i,g.fault)}
        </p>
      `}
      <${Yi} ctx=${i} seen=${g} />
      <${cd} ...${{ctx:i,view:y,seen:g,pressed:c,language:n}} />
      <p class="soft">${e("zone",{zone:Uo()})}</p>
    </main>
  `}function pd(){let[e,t]=q(Fo),[l,n]=q(null),[o,a]=q(""),i=Po(()=>No(Yl,e),[e]),c=bs[e];be(()=>{Vo(e),document.title=i("title")},[e]);let d=y=>{Ko(y),t(y)},f=async y=>{let m=Tl(y);a("");let g=await m("GET","/v1/admin/alarms");if(ce(g))return n(()=>m);a(Be({t:i},g))};return _`
    <header class="row">
      <h1>${i("title")}</h1>
      <div class="row languages" role="group" aria-label=${i("language")}>
        ${Do.map(y=>_`
            <button
              type="button"
              lang=${bs[y]}
              aria-pressed=${y===e}
              onClick=${()=>d(y)}
            >
              ${Ro[y]}
            </button>
          `)}
      </div>
    </header>
    ${l===null?_`
        <main class="door">
          <p>${i("keyNote")}</p>
          <${Al}
            ctx=${{t:i}}
            id="admin-key"
            label=${i("adminKey")}
            button=${i("enter")}
            fault=${o}
            onKey=${y=>{f(y)}}
          />
        </main>
      `:_`
        <${fd}
          ...${{t:i,tag:c,call:l,language:e}}
          onLeave=${()=>n(null)}
        />
      `}
  `}Eo(_`<${pd} />`,document.body);
