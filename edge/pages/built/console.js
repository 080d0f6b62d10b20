import{a as Ho}from"./chunk-YQJH4ZDN.js";import{a as q,b as be,c as Do,d as cn,e as Ro}from"./chunk-SHMLOY7P.js";import{b as Po,c as No,d as bs,e as Fo,f as Ko,g as Vo,h as Wo,i as Bo,j as _,k as Cl,n as xl}from"./chunk-YGQE3V7X.js";import{a as Ma,b as Aa}from"./chunk-SQE76S5B.js";var Di=Ma(($f,Pi)=>{"use strict";var za="uplot",Ia="u-hz",Ga="u-vt",Ua="u-title",qa="u-wrap",Ya="u-under",Qa="u-over",ja="u-axis",fn="u-off",Ja="u-select",Za="u-cursor-x",Xa="u-cursor-y",ec="u-cursor-pt",tc="u-legend",nc="u-live",lc="u-inline",sc="u-series",oc="u-marker",ir="u-label",rc="u-value",il="width",al="height",ar="bottom",Kn="left",vs="right",Ws="#000",cr=Ws+"0",Ss="mousemove",ur="mousedown",Cs="mouseup",dr="mouseenter",fr="mouseleave",pr="dblclick",ic="resize",ac="scroll",mr="change",Rl="dppxchange",Bs="--",Gn=typeof window<"u",Os=Gn?document:null,Wn=Gn?window:null,cc=Gn?navigator:null,ie,El;function Es(){let e=devicePixelRatio;ie!=e&&(ie=e,El&&Ps(mr,El,Es),El=matchMedia(`(min-resolution: ${ie-.001}dppx) and (max-resolution: ${ie+.001}dppx)`),pn(mr,El,Es),Wn.dispatchEvent(new CustomEvent(Rl)))}function ct(e,t){if(t!=null){let l=e.classList;!l.contains(t)&&l.add(t)}}function Ls(e,t){let l=e.classList;l.contains(t)&&l.remove(t)}function $e(e,t,l){e.style[t]=l+"px"}function Tt(e,t,l,n){let o=Os.createElement(e);return t!=null&&ct(o,t),l?.insertBefore(o,n),o}function wt(e,t){return Tt("div",e,t)}var hr=new WeakMap;function Ft(e,t,l,n,o){let a="translate("+t+"px,"+l+"px)",i=hr.get(e);a!=i&&(e.style.transform=a,hr.set(e,a),t<0||l<0||t>n||l>o?ct(e,fn):Ls(e,fn))}var gr=new WeakMap;function yr(e,t,l){let n=t+l,o=gr.get(e);n!=o&&(gr.set(e,n),e.style.background=t,e.style.borderColor=l)}var wr=new WeakMap;function _r(e,t,l,n){let o=t+""+l,a=wr.get(e);o!=a&&(wr.set(e,o),e.style.height=l+"px",e.style.width=t+"px",e.style.marginLeft=n?-t/2+"px":0,e.style.marginTop=n?-l/2+"px":0)}var Hs={passive:!0},uc={...Hs,capture:!0};function pn(e,t,l,n){t.addEventListener(e,l,n?uc:Hs)}function Ps(e,t,l,n){t.removeEventListener(e,l,Hs)}Gn&&Es();function Mt(e,t,l,n){let o;l=l||0,n=n||t.length-1;let a=n<=2147483647;for(;n-l>1;)o=a?l+n>>1:ut((l+n)/2),t[o]<e?l=o:n=o;return e-t[l]<=t[n]-e?l:n}function qr(e){return(l,n,o)=>{let a=-1,i=-1;for(let c=n;c<=o;c++)if(e(l[c])){a=c;break}for(let c=o;c>=n;c--)if(e(l[c])){i=c;break}return[a,i]}}var Yr=e=>e!=null,Qr=e=>e!=null&&e>0,Kl=qr(Yr),dc=qr(Qr);function fc(e,t,l,n=0,o=!1){let a=o?dc:Kl,i=o?Qr:Yr;[t,l]=a(e,t,l);let c=e[t],d=e[t];if(t>-1)if(n==1)c=e[t],d=e[l];else if(n==-1)c=e[l],d=e[t];else for(let f=t;f<=l;f++){let y=e[f];i(y)&&(y<c?c=y:y>d&&(d=y))}return[c??pe,d??-pe]}function Vl(e,t,l,n){let o=kr(e),a=kr(t);e==t&&(o==-1?(e*=l,t/=l):(e/=l,t*=l));let i=l==10?Ht:jr,c=o==1?ut:_t,d=a==1?_t:ut,f=c(i(De(e))),y=d(i(De(t))),m=Bn(l,f),g=Bn(l,y);return l==10&&(f<0&&(m=me(m,-f)),y<0&&(g=me(g,-y))),n||l==2?(e=m*o,t=g*a):(e=ei(e,m),t=Wl(t,g)),[e,t]}function zs(e,t,l,n){let o=Vl(e,t,l,n);return e==0&&(o[0]=0),t==0&&(o[1]=0),o}var Is=.1,br={mode:3,pad:Is},ul={pad:0,soft:null,mode:0},pc={min:ul,max:ul};function Nl(e,t,l,n){return Bl(l)?$r(e,t,l):(ul.pad=l,ul.soft=n?0:null,ul.mode=n?3:0,$r(e,t,pc))}function oe(e,t){return e??t}function mc(e,t,l){for(t=oe(t,0),l=oe(l,e.length-1);t<=l;){if(e[t]!=null)return!0;t++}return!1}function $r(e,t,l){let n=l.min,o=l.max,a=oe(n.pad,0),i=oe(o.pad,0),c=oe(n.hard,-pe),d=oe(o.hard,pe),f=oe(n.soft,pe),y=oe(o.soft,-pe),m=oe(n.mode,0),g=oe(o.mode,0),v=t-e,k=Ht(v),E=et(De(e),De(t)),D=Ht(E),H=De(D-k);(v<1e-24||H>10)&&(v=0,(e==0||t==0)&&(v=1e-24,m==2&&f!=pe&&(a=0),g==2&&y!=-pe&&(i=0)));let C=v||E||1e3,W=Ht(C),x=Bn(10,ut(W)),j=C*(v==0?e==0?.1:1:a),P=me(ei(e-j,x/10),24),J=e>=f&&(m==1||m==3&&P<=f||m==2&&P>=f)?f:pe,U=et(c,P<J&&e>=J?J:At(J,P)),ee=C*(v==0?t==0?.1:1:i),G=me(Wl(t+ee,x/10),24),T=t<=y&&(g==1||g==3&&G>=y||g==2&&G<=y)?y:-pe,Q=At(d,G>T&&t<=T?T:et(T,G));return U==Q&&U==0&&(Q=100),[U,Q]}var hc=new Intl.NumberFormat(Gn?cc.language:"en-US"),Gs=e=>hc.format(e),dt=Math,Dl=dt.PI,De=dt.abs,ut=dt.floor,Pe=dt.round,_t=dt.ceil,At=dt.min,et=dt.max,Bn=dt.pow,kr=dt.sign,Ht=dt.log10,jr=dt.log2,gc=(e,t=1)=>dt.sinh(e)*t,xs=(e,t=1)=>dt.asinh(e/t),pe=1/0;function vr(e){return(Ht((e^e>>31)-(e>>31))|0)+1}function Ds(e,t,l){return At(et(e,t),l)}function Jr(e){return typeof e=="function"}function te(e){return Jr(e)?e:()=>e}var yc=()=>{},Zr=e=>e,Xr=(e,t)=>t,wc=e=>null,Sr=e=>!0,Cr=(e,t)=>e==t,_c=/\.\d*?(?=9{6,}|0{6,})/gm,mn=e=>{if(ni(e)||Jt.has(e))return e;let t=`${e}`,l=t.match(_c);if(l==null)return e;let n=l[0].length-1;if(t.indexOf("e-")!=-1){let[o,a]=t.split("e");return+`${mn(o)}e${a}`}return me(e,n)};function un(e,t){return mn(me(mn(e/t))*t)}function Wl(e,t){return mn(_t(mn(e/t))*t)}function ei(e,t){return mn(ut(mn(e/t))*t)}function me(e,t=0){if(ni(e))return e;let l=10**t,n=e*l*(1+Number.EPSILON);return Pe(n)/l}var Jt=new Map;function ti(e){return((""+e).split(".")[1]||"").length}function fl(e,t,l,n){let o=[],a=n.map(ti);for(let i=t;i<l;i++){let c=De(i),d=me(Bn(e,i),c);for(let f=0;f<n.length;f++){let y=e==10?+`${n[f]}e${i}`:n[f]*d,m=(i>=0?0:c)+(i>=a[f]?0:a[f]),g=e==10?y:me(y,m);o.push(g),Jt.set(g,m)}}return o}var dl={},Us=[],Hn=[null,null],jt=Array.isArray,ni=Number.isInteger,bc=e=>e===void 0;function xr(e){return typeof e=="string"}function Bl(e){let t=!1;if(e!=null){let l=e.constructor;t=l==null||l==Object}return t}function $c(e){return e!=null&&typeof e=="object"}var kc=Object.getPrototypeOf(Uint8Array),li="__proto__";function zn(e,t=Bl){let l;if(jt(e)){let n=e.find(o=>o!=null);if(jt(n)||t(n)){l=Array(e.length);for(let o=0;o<e.length;o++)l[o]=zn(e[o],t)}else l=e.slice()}else if(e instanceof kc)l=e.slice();else if(t(e)){l={};for(let n in e)n!=li&&(l[n]=zn(e[n],t))}else l=e;return l}function Oe(e){let t=arguments;for(let l=1;l<t.length;l++){let n=t[l];for(let o in n)o!=li&&(Bl(e[o])?Oe(e[o],zn(n[o])):e[o]=zn(n[o]))}return e}var vc=0,Sc=1,Cc=2;function xc(e,t,l){for(let n=0,o,a=-1;n<t.length;n++){let i=t[n];if(i>a){for(o=i-1;o>=0&&e[o]==null;)e[o--]=null;for(o=i+1;o<l&&e[o]==null;)e[a=o++]=null}}}function Tc(e,t){if(Oc(e)){let i=e[0].slice();for(let c=1;c<e.length;c++)i.push(...e[c].slice(1));return Ec(i[0])||(i=Ac(i)),i}let l=new Set;for(let i=0;i<e.length;i++){let d=e[i][0],f=d.length;for(let y=0;y<f;y++)l.add(d[y])}let n=[Array.from(l).sort((i,c)=>i-c)],o=n[0].length,a=new Map;for(let i=0;i<o;i++)a.set(n[0][i],i);for(let i=0;i<e.length;i++){let c=e[i],d=c[0];for(let f=1;f<c.length;f++){let y=c[f],m=Array(o).fill(void 0),g=t?t[i][f]:Sc,v=[];for(let k=0;k<y.length;k++){let E=y[k],D=a.get(d[k]);E===null?g!=vc&&(m[D]=E,g==Cc&&v.push(D)):m[D]=E}xc(m,v,o),n.push(m)}}return n}var Mc=typeof queueMicrotask>"u"?e=>Promise.resolve().then(e):queueMicrotask;function Ac(e){let t=e[0],l=t.length,n=Array(l);for(let a=0;a<n.length;a++)n[a]=a;n.sort((a,i)=>t[a]-t[i]);let o=[];for(let a=0;a<e.length;a++){let i=e[a],c=Array(l);for(let d=0;d<l;d++)c[d]=i[n[d]];o.push(c)}return o}function Oc(e){let t=e[0][0],l=t.length;for(let n=1;n<e.length;n++){let o=e[n][0];if(o.length!=l)return!1;if(o!=t){for(let a=0;a<l;a++)if(o[a]!=t[a])return!1}}return!0}function Ec(e,t=100){let l=e.length;if(l<=1)return!0;let n=0,o=l-1;for(;n<=o&&e[n]==null;)n++;for(;o>=n&&e[o]==null;)o--;if(o<=n)return!0;let a=et(1,ut((o-n+1)/t));for(let i=e[n],c=n+a;c<=o;c+=a){let d=e[c];if(d!=null){if(d<=i)return!1;i=d}}return!0}var si=["January","February","March","April","May","June","July","August","September","October","November","December"],oi=["Sunday","Monday","Tuesday","Wednesday","Thursday","Friday","Saturday"];function ri(e){return e.slice(0,3)}var Lc=oi.map(ri),Pc=si.map(ri),Dc={MMMM:si,MMM:Pc,WWWW:oi,WWW:Lc};function rl(e){return(e<10?"0":"")+e}function Rc(e){return(e<10?"00":e<100?"0":"")+e}var Nc={YYYY:e=>e.getFullYear(),YY:e=>(e.getFullYear()+"").slice(2),MMMM:(e,t)=>t.MMMM[e.getMonth()],MMM:(e,t)=>t.MMM[e.getMonth()],MM:e=>rl(e.getMonth()+1),M:e=>e.getMonth()+1,DD:e=>rl(e.getDate()),D:e=>e.getDate(),WWWW:(e,t)=>t.WWWW[e.getDay()],WWW:(e,t)=>t.WWW[e.getDay()],HH:e=>rl(e.getHours()),H:e=>e.getHours(),h:e=>{let t=e.getHours();return t==0?12:t>12?t-12:t},AA:e=>e.getHours()>=12?"PM":"AM",aa:e=>e.getHours()>=12?"pm":"am",a:e=>e.getHours()>=12?"p":"a",mm:e=>rl(e.getMinutes()),m:e=>e.getMinutes(),ss:e=>rl(e.getSeconds()),s:e=>e.getSeconds(),fff:e=>Rc(e.getMilliseconds())};function qs(e,t){t=t||Dc;let l=[],n=/\{([a-z]+)\}|[^{]+/gi,o;for(;o=n.exec(e);)l.push(o[0][0]=="{"?Nc[o[1]]:o[0]);return a=>{let i="";for(let c=0;c<l.length;c++)i+=typeof l[c]=="string"?l[c]:l[c](a,t);return i}}var Fc=new Intl.DateTimeFormat().resolvedOptions().timeZone;function Kc(e,t){let l;return t=="UTC"||t=="Etc/UTC"?l=new Date(+e+e.getTimezoneOffset()*6e4):t==Fc?l=e:(l=new Date(e.toLocaleString("en-US",{timeZone:t})),l.setMilliseconds(e.getMilliseconds())),l}var ii=e=>e%1==0,Fl=[1,2,2.5,5],Vc=fl(10,-32,0,Fl),ai=fl(10,0,32,Fl),Wc=ai.filter(ii),dn=Vc.concat(ai),Ys=`
`,ci="{YYYY}",Tr=Ys+ci,ui="{M}/{D}",cl=Ys+ui,Ll=cl+"/{YY}",di="{aa}",Bc="{h}:{mm}",Vn=Bc+di,Mr=Ys+Vn,Ar=":{ss}",ue=null;function fi(e){let t=e*1e3,l=t*60,n=l*60,o=n*24,a=o*30,i=o*365,d=(e==1?fl(10,0,3,Fl).filter(ii):fl(10,-3,0,Fl)).concat([t,t*5,t*10,t*15,t*30,l,l*5,l*10,l*15,l*30,n,n*2,n*3,n*4,n*6,n*8,n*12,o,o*2,o*3,o*4,o*5,o*6,o*7,o*8,o*9,o*10,o*15,a,a*2,a*3,a*4,a*6,i,i*2,i*5,i*10,i*25,i*50,i*100]),f=[[i,ci,ue,ue,ue,ue,ue,ue,1],[o*28,"{MMM}",Tr,ue,ue,ue,ue,ue,1],[o,ui,Tr,ue,ue,ue,ue,ue,1],[n,"{h}"+di,Ll,ue,cl,ue,ue,ue,1],[l,Vn,Ll,ue,cl,ue,ue,ue,1],[t,Ar,Ll+" "+Vn,ue,cl+" "+Vn,ue,Mr,ue,1],[e,Ar+".{fff}",Ll+" "+Vn,ue,cl+" "+Vn,ue,Mr,ue,1]];function y(m){return(g,v,k,E,D,H)=>{let C=[],W=D>=i,x=D>=a&&D<i,j=m(k),P=me(j*e,3),J=Ts(j.getFullYear(),W?0:j.getMonth(),x||W?1:j.getDate()),U=me(J*e,3);if(x||W){let ee=x?D/a:0,G=W?D/i:0,T=P==U?P:me(Ts(J.getFullYear()+G,J.getMonth()+ee,1)*e,3),Q=new Date(Pe(T/e)),R=Q.getFullYear(),z=Q.getMonth();for(let V=0;T<=E;V++){let ne=Ts(R+G*V,z+ee*V,1),K=ne-m(me(ne*e,3));T=me((+ne+K)*e,3),T<=E&&C.push(T)}}else{let ee=D>=o?o:D,G=ut(k)-ut(P),T=U+G+Wl(P-U,ee);C.push(T);let Q=m(T),R=Q.getHours()+Q.getMinutes()/l+Q.getSeconds()/n,z=D/n,V=g.axes[v]._space,ne=H/V;for(;T=me(T+D,e==1?0:3),!(T>E);)if(z>1){let K=ut(me(R+z,6))%24,le=m(T).getHours()-K;le>1&&(le=-1),T-=le*n,R=(R+z)%24;let de=C[C.length-1];me((T-de)/D,3)*ne>=.7&&C.push(T)}else C.push(T)}return C}}return[d,f,y]}var[Hc,zc,Ic]=fi(1),[Gc,Uc,qc]=fi(.001);fl(2,-53,53,[1]);function Or(e,t){return e.map(l=>l.map((n,o)=>o==0||o==8||n==null?n:t(o==1||l[8]==0?n:l[1]+n)))}function Er(e,t){return(l,n,o,a,i)=>{let c=t.find(k=>i>=k[0])||t[t.length-1],d,f,y,m,g,v;return n.map(k=>{let E=e(k),D=E.getFullYear(),H=E.getMonth(),C=E.getDate(),W=E.getHours(),x=E.getMinutes(),j=E.getSeconds(),P=D!=d&&c[2]||H!=f&&c[3]||C!=y&&c[4]||W!=m&&c[5]||x!=g&&c[6]||j!=v&&c[7]||c[1];return d=D,f=H,y=C,m=W,g=x,v=j,P(E)})}}function Yc(e,t){let l=qs(t);return(n,o,a,i,c)=>o.map(d=>l(e(d)))}function Ts(e,t,l){return new Date(e,t,l)}function Lr(e,t){return t(e)}var Qc="{YYYY}-{MM}-{DD} {h}:{mm}{aa}";function Pr(e,t){return(l,n,o,a)=>a==null?Bs:t(e(n))}function jc(e,t){let l=e.series[t];return l.width?l.stroke(e,t):l.points.width?l.points.stroke(e,t):null}function Jc(e,t){return e.series[t].fill(e,t)}var Zc={show:!0,live:!0,isolate:!1,mount:yc,markers:{show:!0,width:2,stroke:jc,fill:Jc,dash:"solid"},idx:null,idxs:null,values:[]};function Xc(e,t){let l=e.cursor.points,n=wt(),o=l.size(e,t);$e(n,il,o),$e(n,al,o);let a=o/-2;$e(n,"marginLeft",a),$e(n,"marginTop",a);let i=l.width(e,t,o);return i&&$e(n,"borderWidth",i),n}function eu(e,t){let l=e.series[t].points;return l._fill||l._stroke}function tu(e,t){let l=e.series[t].points;return l._stroke||l._fill}function nu(e,t){return e.series[t].points.size}var Ms=[0,0];function lu(e,t,l){return Ms[0]=t,Ms[1]=l,Ms}function Pl(e,t,l,n=!0){return o=>{o.button==0&&(!n||o.target==t)&&l(o)}}function As(e,t,l,n=!0){return o=>{(!n||o.target==t)&&l(o)}}var su={show:!0,x:!0,y:!0,lock:!1,move:lu,points:{one:!1,show:Xc,size:nu,width:0,stroke:tu,fill:eu},bind:{mousedown:Pl,mouseup:Pl,click:Pl,dblclick:Pl,mousemove:As,mouseleave:As,mouseenter:As},drag:{setScale:!0,x:!0,y:!1,dist:0,uni:null,click:(e,t)=>{t.stopPropagation(),t.stopImmediatePropagation()},_x:!1,_y:!1},focus:{dist:(e,t,l,n,o)=>n-o,prox:-1,bias:0},hover:{skip:[void 0],prox:null,bias:0},left:-10,top:-10,idx:null,dataIdx:null,idxs:null,event:null},pi={show:!0,stroke:"rgba(0,0,0,0.07)",width:2},Qs=Oe({},pi,{filter:Xr}),mi=Oe({},Qs,{size:10}),hi=Oe({},pi,{show:!1}),js='12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Segoe UI Symbol", "Noto Color Emoji"',gi="bold "+js,yi=1.5,Dr={show:!0,scale:"x",stroke:Ws,space:50,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:gi,side:2,grid:Qs,ticks:mi,border:hi,font:js,lineGap:yi,rotate:0},ou="Value",ru="Time",Rr={show:!0,scale:"x",auto:!1,sorted:1,min:pe,max:-pe,idxs:[]};function iu(e,t,l,n,o){return t.map(a=>a==null?"":Gs(a))}function au(e,t,l,n,o,a,i){let c=[],d=Jt.get(o)||0;l=i?l:me(Wl(l,o),d);for(let f=l;f<=n;f=me(f+o,d))c.push(Object.is(f,-0)?0:f);return c}function Rs(e,t,l,n,o,a,i){let c=[],d=e.scales[e.axes[t].scale].log,f=d==10?Ht:jr,y=ut(f(l));o=Bn(d,y),d==10&&(o=dn[Mt(o,dn)]);let m=l,g=o*d;d==10&&(g=dn[Mt(g,dn)]);do c.push(m),m=m+o,d==10&&!Jt.has(m)&&(m=me(m,Jt.get(o))),m>=g&&(o=m,g=o*d,d==10&&(g=dn[Mt(g,dn)]));while(m<=n);return c}function cu(e,t,l,n,o,a,i){let d=e.scales[e.axes[t].scale].asinh,f=n>d?Rs(e,t,et(d,l),n,o):[d],y=n>=0&&l<=0?[0]:[];return(l<-d?Rs(e,t,et(d,-n),-l,o):[d]).reverse().map(g=>-g).concat(y,f)}var wi=/./,uu=/[12357]/,du=/[125]/,Nr=/1/,Ns=(e,t,l,n)=>e.map((o,a)=>t==4&&o==0||a%n==0&&l.test(o.toExponential()[o<0?1:0])?o:null);function fu(e,t,l,n,o){let a=e.axes[l],i=a.scale,c=e.scales[i],d=e.valToPos,f=a._space,y=d(10,i),m=d(9,i)-y>=f?wi:d(7,i)-y>=f?uu:d(5,i)-y>=f?du:Nr;if(m==Nr){let g=De(d(1,i)-y);if(g<f)return Ns(t.slice().reverse(),c.distr,m,_t(f/g)).reverse()}return Ns(t,c.distr,m,1)}function pu(e,t,l,n,o){let a=e.axes[l],i=a.scale,c=a._space,d=e.valToPos,f=De(d(1,i)-d(2,i));return f<c?Ns(t.slice().reverse(),3,wi,_t(c/f)).reverse():t}function mu(e,t,l,n){return n==null?Bs:t==null?"":Gs(t)}var Fr={show:!0,scale:"y",stroke:Ws,space:30,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:gi,side:3,grid:Qs,ticks:mi,border:hi,font:js,lineGap:yi,rotate:0};function hu(e,t){let l=3+(e||1)*2;return me(l*t,3)}function gu(e,t){let{scale:l,idxs:n}=e.series[0],o=e._data[0],a=e.valToPos(o[n[0]],l,!0),i=e.valToPos(o[n[1]],l,!0),c=De(i-a),d=e.series[t],f=c/(d.points.space*ie);return n[1]-n[0]<=f}var Kr={scale:null,auto:!0,sorted:0,min:pe,max:-pe},_i=(e,t,l,n,o)=>o,Vr={show:!0,auto:!0,sorted:0,gaps:_i,alpha:1,facets:[Oe({},Kr,{scale:"x"}),Oe({},Kr,{scale:"y"})]},Wr={scale:"y",auto:!0,sorted:0,show:!0,spanGaps:!1,gaps:_i,alpha:1,points:{show:gu,filter:null},values:null,min:pe,max:-pe,idxs:[],path:null,clip:null};function yu(e,t,l,n,o){return l/10}var bi={time:!0,auto:!0,distr:1,log:10,asinh:1,min:null,max:null,dir:1,ori:0},wu=Oe({},bi,{time:!1,ori:1}),Br={};function $i(e,t){let l=Br[e];return l||(l={key:e,plots:[],sub(n){l.plots.push(n)},unsub(n){l.plots=l.plots.filter(o=>o!=n)},pub(n,o,a,i,c,d,f){for(let y=0;y<l.plots.length;y++)l.plots[y]!=o&&l.plots[y].pub(n,o,a,i,c,d,f)}},e!=null&&(Br[e]=l)),l}var In=1,Fs=2;function hn(e,t,l){let n=e.mode,o=e.series[t],a=n==2?e._data[t]:e._data,i=e.scales,c=e.bbox,d=a[0],f=n==2?a[1]:a[t],y=n==2?i[o.facets[0].scale]:i[e.series[0].scale],m=n==2?i[o.facets[1].scale]:i[o.scale],g=c.left,v=c.top,k=c.width,E=c.height,D=e.valToPosH,H=e.valToPosV;return y.ori==0?l(o,d,f,y,m,D,H,g,v,k,E,zl,Un,Gl,vi,Ci):l(o,d,f,y,m,H,D,v,g,E,k,Il,qn,Xs,Si,xi)}function Js(e,t){let l=0,n=0,o=oe(e.bands,Us);for(let a=0;a<o.length;a++){let i=o[a];i.series[0]==t?l=i.dir:i.series[1]==t&&(i.dir==1?n|=1:n|=2)}return[l,n==1?-1:n==2?1:n==3?2:0]}function _u(e,t,l,n,o){let a=e.mode,i=e.series[t],c=a==2?i.facets[1].scale:i.scale,d=e.scales[c];return o==-1?d.min:o==1?d.max:d.distr==3?d.dir==1?d.min:d.max:0}function zt(e,t,l,n,o,a){return hn(e,t,(i,c,d,f,y,m,g,v,k,E,D)=>{let H=i.pxRound,C=f.dir*(f.ori==0?1:-1),W=f.ori==0?Un:qn,x,j;C==1?(x=l,j=n):(x=n,j=l);let P=H(m(c[x],f,E,v)),J=H(g(d[x],y,D,k)),U=H(m(c[j],f,E,v)),ee=H(g(a==1?y.max:y.min,y,D,k)),G=new Path2D(o);return W(G,U,ee),W(G,P,ee),W(G,P,J),G})}function Hl(e,t,l,n,o,a){let i=null;if(e.length>0){i=new Path2D;let c=t==0?Gl:Xs,d=l;for(let m=0;m<e.length;m++){let g=e[m];if(g[1]>g[0]){let v=g[0]-d;v>0&&c(i,d,n,v,n+a),d=g[1]}}let f=l+o-d,y=10;f>0&&c(i,d,n-y/2,f,n+a+y)}return i}function bu(e,t,l){let n=e[e.length-1];n&&n[0]==t?n[1]=l:e.push([t,l])}function Zs(e,t,l,n,o,a,i){let c=[],d=e.length;for(let f=o==1?l:n;f>=l&&f<=n;f+=o)if(t[f]===null){let m=f,g=f;if(o==1)for(;++f<=n&&t[f]===null;)g=f;else for(;--f>=l&&t[f]===null;)g=f;let v=a(e[m]),k=g==m?v:a(e[g]),E=m-o;v=i<=0&&E>=0&&E<d?a(e[E]):v;let H=g+o;k=i>=0&&H>=0&&H<d?a(e[H]):k,k>=v&&c.push([v,k])}return c}function Hr(e){return e==0?Zr:e==1?Pe:t=>un(t,e)}function ki(e){let t=e==0?zl:Il,l=e==0?(o,a,i,c,d,f)=>{o.arcTo(a,i,c,d,f)}:(o,a,i,c,d,f)=>{o.arcTo(i,a,d,c,f)},n=e==0?(o,a,i,c,d)=>{o.rect(a,i,c,d)}:(o,a,i,c,d)=>{o.rect(i,a,d,c)};return(o,a,i,c,d,f=0,y=0)=>{f==0&&y==0?n(o,a,i,c,d):(f=At(f,c/2,d/2),y=At(y,c/2,d/2),t(o,a+f,i),l(o,a+c,i,a+c,i+d,f),l(o,a+c,i+d,a,i+d,y),l(o,a,i+d,a,i,y),l(o,a,i,a+c,i,f),o.closePath())}}var zl=(e,t,l)=>{e.moveTo(t,l)},Il=(e,t,l)=>{e.moveTo(l,t)},Un=(e,t,l)=>{e.lineTo(t,l)},qn=(e,t,l)=>{e.lineTo(l,t)},Gl=ki(0),Xs=ki(1),vi=(e,t,l,n,o,a)=>{e.arc(t,l,n,o,a)},Si=(e,t,l,n,o,a)=>{e.arc(l,t,n,o,a)},Ci=(e,t,l,n,o,a,i)=>{e.bezierCurveTo(t,l,n,o,a,i)},xi=(e,t,l,n,o,a,i)=>{e.bezierCurveTo(l,t,o,n,i,a)};function Ti(e){return(t,l,n,o,a)=>hn(t,l,(i,c,d,f,y,m,g,v,k,E,D)=>{let{pxRound:H,points:C}=i,W,x;f.ori==0?(W=zl,x=vi):(W=Il,x=Si);let j=me(C.width*ie,3),P=(C.size-C.width)/2*ie,J=me(P*2,3),U=new Path2D,ee=new Path2D,{left:G,top:T,width:Q,height:R}=t.bbox;Gl(ee,G-J,T-J,Q+J*2,R+J*2);let z=V=>{if(d[V]!=null){let ne=H(m(c[V],f,E,v)),K=H(g(d[V],y,D,k));W(U,ne+P,K),x(U,ne,K,P,0,Dl*2)}};if(a)a.forEach(z);else for(let V=n;V<=o;V++)z(V);return{stroke:j>0?U:null,fill:U,clip:ee,flags:In|Fs}})}function Mi(e){return(t,l,n,o,a,i)=>{n!=o&&(a!=n&&i!=n&&e(t,l,n),a!=o&&i!=o&&e(t,l,o),e(t,l,i))}}var $u=Mi(Un),ku=Mi(qn);function Ai(e){let t=oe(e?.alignGaps,0);return(l,n,o,a)=>hn(l,n,(i,c,d,f,y,m,g,v,k,E,D)=>{[o,a]=Kl(d,o,a);let H=i.pxRound,C=R=>H(m(R,f,E,v)),W=R=>H(g(R,y,D,k)),x,j;f.ori==0?(x=Un,j=$u):(x=qn,j=ku);let P=f.dir*(f.ori==0?1:-1),J={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:In},U=J.stroke,ee=!1;if(a-o>=E*4){let R=N=>l.posToVal(N,f.key,!0),z=null,V=null,ne,K,tt,ke=C(c[P==1?o:a]),le=C(c[o]),de=C(c[a]),Z=R(P==1?le+1:de-1);for(let N=P==1?o:a;N>=o&&N<=a;N+=P){let Ee=c[N],ve=(P==1?Ee<Z:Ee>Z)?ke:C(Ee),ae=d[N];ve==ke?ae!=null?(K=ae,z==null?(x(U,ve,W(K)),ne=z=V=K):K<z?z=K:K>V&&(V=K)):ae===null&&(ee=!0):(z!=null&&j(U,ke,W(z),W(V),W(ne),W(K)),ae!=null?(K=ae,x(U,ve,W(K)),z=V=ne=K):(z=V=null,ae===null&&(ee=!0)),ke=ve,Z=R(ke+P))}z!=null&&z!=V&&tt!=ke&&j(U,ke,W(z),W(V),W(ne),W(K))}else for(let R=P==1?o:a;R>=o&&R<=a;R+=P){let z=d[R];z===null?ee=!0:z!=null&&x(U,C(c[R]),W(z))}let[T,Q]=Js(l,n);if(i.fill!=null||T!=0){let R=J.fill=new Path2D(U),z=i.fillTo(l,n,i.min,i.max,T),V=W(z),ne=C(c[o]),K=C(c[a]);P==-1&&([K,ne]=[ne,K]),x(R,K,V),x(R,ne,V)}if(!i.spanGaps){let R=[];ee&&R.push(...Zs(c,d,o,a,P,C,t)),J.gaps=R=i.gaps(l,n,o,a,R),J.clip=Hl(R,f.ori,v,k,E,D)}return Q!=0&&(J.band=Q==2?[zt(l,n,o,a,U,-1),zt(l,n,o,a,U,1)]:zt(l,n,o,a,U,Q)),J})}function vu(e){let t=oe(e.align,1),l=oe(e.ascDesc,!1),n=oe(e.alignGaps,0),o=oe(e.extend,!1);return(a,i,c,d)=>hn(a,i,(f,y,m,g,v,k,E,D,H,C,W)=>{[c,d]=Kl(m,c,d);let x=f.pxRound,{left:j,width:P}=a.bbox,J=le=>x(k(le,g,C,D)),U=le=>x(E(le,v,W,H)),ee=g.ori==0?Un:qn,G={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:In},T=G.stroke,Q=g.dir*(g.ori==0?1:-1),R=U(m[Q==1?c:d]),z=J(y[Q==1?c:d]),V=z,ne=z;o&&t==-1&&(ne=j,ee(T,ne,R)),ee(T,z,R);for(let le=Q==1?c:d;le>=c&&le<=d;le+=Q){let de=m[le];if(de==null)continue;let Z=J(y[le]),N=U(de);t==1?ee(T,Z,R):ee(T,V,N),ee(T,Z,N),R=N,V=Z}let K=V;o&&t==1&&(K=j+P,ee(T,K,R));let[tt,ke]=Js(a,i);if(f.fill!=null||tt!=0){let le=G.fill=new Path2D(T),de=f.fillTo(a,i,f.min,f.max,tt),Z=U(de);ee(le,K,Z),ee(le,ne,Z)}if(!f.spanGaps){let le=[];le.push(...Zs(y,m,c,d,Q,J,n));let de=f.width*ie/2,Z=l||t==1?de:-de,N=l||t==-1?-de:de;le.forEach(Ee=>{Ee[0]+=Z,Ee[1]+=N}),G.gaps=le=f.gaps(a,i,c,d,le),G.clip=Hl(le,g.ori,D,H,C,W)}return ke!=0&&(G.band=ke==2?[zt(a,i,c,d,T,-1),zt(a,i,c,d,T,1)]:zt(a,i,c,d,T,ke)),G})}function zr(e,t,l,n,o,a,i=pe){if(e.length>1){let c=null;for(let d=0,f=1/0;d<e.length;d++)if(t[d]!==void 0){if(c!=null){let y=De(e[d]-e[c]);y<f&&(f=y,i=De(l(e[d],n,o,a)-l(e[c],n,o,a)))}c=d}}return i}function Su(e){e=e||dl;let t=oe(e.size,[.6,pe,1]),l=e.align||0,n=e.gap||0,o=e.radius;o=o==null?[0,0]:typeof o=="number"?[o,0]:o;let a=te(o),i=1-t[0],c=oe(t[1],pe),d=oe(t[2],1),f=oe(e.disp,dl),y=oe(e.each,v=>{}),{fill:m,stroke:g}=f;return(v,k,E,D)=>hn(v,k,(H,C,W,x,j,P,J,U,ee,G,T)=>{let Q=H.pxRound,R=l,z=n*ie,V=c*ie,ne=d*ie,K,tt;x.ori==0?[K,tt]=a(v,k):[tt,K]=a(v,k);let ke=x.dir*(x.ori==0?1:-1),le=x.ori==0?Gl:Xs,de=x.ori==0?y:(O,he,Le,_n,en,Et,tn)=>{y(O,he,Le,en,_n,tn,Et)},Z=oe(v.bands,Us).find(O=>O.series[0]==k),N=Z!=null?Z.dir:0,Ee=H.fillTo(v,k,H.min,H.max,N),qe=Q(J(Ee,j,T,ee)),ve,ae,$t,st=G,Ce=Q(H.width*ie),Ot=!1,Kt=null,ft=null,It=null,gn=null;m!=null&&(Ce==0||g!=null)&&(Ot=!0,Kt=m.values(v,k,E,D),ft=new Map,new Set(Kt).forEach(O=>{O!=null&&ft.set(O,new Path2D)}),Ce>0&&(It=g.values(v,k,E,D),gn=new Map,new Set(It).forEach(O=>{O!=null&&gn.set(O,new Path2D)})));let{x0:yn,size:jn}=f;if(yn!=null&&jn!=null){R=1,C=yn.values(v,k,E,D),yn.unit==2&&(C=C.map(Le=>v.posToVal(U+Le*G,x.key,!0)));let O=jn.values(v,k,E,D);jn.unit==2?ae=O[0]*G:ae=P(O[0],x,G,U)-P(0,x,G,U),st=zr(C,W,P,x,G,U,st),$t=st-ae+z}else st=zr(C,W,P,x,G,U,st),$t=st*i+z,ae=st-$t;$t<1&&($t=0),Ce>=ae/2&&(Ce=0),$t<5&&(Q=Zr);let hl=$t>0,Zt=st-$t-(hl?Ce:0);ae=Q(Ds(Zt,ne,V)),ve=(R==0?ae/2:R==ke?0:ae)-R*ke*((R==0?z/2:0)+(hl?Ce/2:0));let Ye={stroke:null,fill:null,clip:null,band:null,gaps:null,flags:0},wn=Ot?null:new Path2D,Vt=null;if(Z!=null)Vt=v.data[Z.series[1]];else{let{y0:O,y1:he}=f;O!=null&&he!=null&&(W=he.values(v,k,E,D),Vt=O.values(v,k,E,D))}let Xt=K*ae,Y=tt*ae;for(let O=ke==1?E:D;O>=E&&O<=D;O+=ke){let he=W[O];if(he==null)continue;if(Vt!=null){let nt=Vt[O]??0;if(he-nt==0)continue;qe=J(nt,j,T,ee)}let Le=x.distr!=2||f!=null?C[O]:O,_n=P(Le,x,G,U),en=J(oe(he,Ee),j,T,ee),Et=Q(_n-ve),tn=Q(et(en,qe)),ot=Q(At(en,qe)),pt=tn-ot;if(he!=null){let nt=he<0?Y:Xt,kt=he<0?Xt:Y;Ot?(Ce>0&&It[O]!=null&&le(gn.get(It[O]),Et,ot+ut(Ce/2),ae,et(0,pt-Ce),nt,kt),Kt[O]!=null&&le(ft.get(Kt[O]),Et,ot+ut(Ce/2),ae,et(0,pt-Ce),nt,kt)):le(wn,Et,ot+ut(Ce/2),ae,et(0,pt-Ce),nt,kt),de(v,k,O,Et-Ce/2,ot,ae+Ce,pt)}}return Ce>0?Ye.stroke=Ot?gn:wn:Ot||(Ye._fill=H.width==0?H._fill:H._stroke??H._fill,Ye.width=0),Ye.fill=Ot?ft:wn,Ye})}function Cu(e,t){let l=oe(t?.alignGaps,0);return(n,o,a,i)=>hn(n,o,(c,d,f,y,m,g,v,k,E,D,H)=>{[a,i]=Kl(f,a,i);let C=c.pxRound,W=K=>C(g(K,y,D,k)),x=K=>C(v(K,m,H,E)),j,P,J;y.ori==0?(j=zl,J=Un,P=Ci):(j=Il,J=qn,P=xi);let U=y.dir*(y.ori==0?1:-1),ee=W(d[U==1?a:i]),G=ee,T=[],Q=[];for(let K=U==1?a:i;K>=a&&K<=i;K+=U)if(f[K]!=null){let ke=d[K],le=W(ke);T.push(G=le),Q.push(x(f[K]))}let R={stroke:e(T,Q,j,J,P,C),fill:null,clip:null,band:null,gaps:null,flags:In},z=R.stroke,[V,ne]=Js(n,o);if(c.fill!=null||V!=0){let K=R.fill=new Path2D(z),tt=c.fillTo(n,o,c.min,c.max,V),ke=x(tt);J(K,G,ke),J(K,ee,ke)}if(!c.spanGaps){let K=[];K.push(...Zs(d,f,a,i,U,W,l)),R.gaps=K=c.gaps(n,o,a,i,K),R.clip=Hl(K,y.ori,k,E,D,H)}return ne!=0&&(R.band=ne==2?[zt(n,o,a,i,z,-1),zt(n,o,a,i,z,1)]:zt(n,o,a,i,z,ne)),R})}function xu(e){return Cu(Tu,e)}function Tu(e,t,l,n,o,a){let i=e.length;if(i<2)return null;let c=new Path2D;if(l(c,e[0],t[0]),i==2)n(c,e[1],t[1]);else{let d=Array(i),f=Array(i-1),y=Array(i-1),m=Array(i-1);for(let g=0;g<i-1;g++)y[g]=t[g+1]-t[g],m[g]=e[g+1]-e[g],f[g]=y[g]/m[g];d[0]=f[0];for(let g=1;g<i-1;g++)f[g]===0||f[g-1]===0||f[g-1]>0!=f[g]>0?d[g]=0:(d[g]=3*(m[g-1]+m[g])/((2*m[g]+m[g-1])/f[g-1]+(m[g]+2*m[g-1])/f[g]),isFinite(d[g])||(d[g]=0));d[i-1]=f[i-2];for(let g=0;g<i-1;g++)o(c,e[g]+m[g]/3,t[g]+d[g]*m[g]/3,e[g+1]-m[g]/3,t[g+1]-d[g+1]*m[g]/3,e[g+1],t[g+1])}return c}var Ks=new Set;function Ir(){for(let e of Ks)e.syncRect(!0)}Gn&&(pn(ic,Wn,Ir),pn(ac,Wn,Ir,!0),pn(Rl,Wn,()=>{Ue.pxRatio=ie}));var Mu=Ai(),Au=Ti();function Gr(e,t,l,n){return(n?[e[0],e[1]].concat(e.slice(2)):[e[0]].concat(e.slice(1))).map((a,i)=>Vs(a,i,t,l))}function Ou(e,t){return e.map((l,n)=>n==0?{}:Oe({},t,l))}function Vs(e,t,l,n){return Oe({},t==0?l:n,e)}function Oi(e,t,l){return t==null?Hn:[t,l]}var Eu=Oi;function Lu(e,t,l){return t==null?Hn:Nl(t,l,Is,!0)}function Ei(e,t,l,n){return t==null?Hn:Vl(t,l,e.scales[n].log,!1)}var Pu=Ei;function Li(e,t,l,n){return t==null?Hn:zs(t,l,e.scales[n].log,!1)}var Du=Li;function Ru(e,t,l,n,o){let a=et(vr(e),vr(t)),i=t-e,c=Mt(o/n*i,l);do{let d=l[c],f=n*d/i;if(f>=o&&a+(d<5?Jt.get(d):0)<=17)return[d,f]}while(++c<l.length);return[0,0]}function Ur(e){let t,l;return e=e.replace(/(\d+)px/,(n,o)=>(t=Pe((l=+o)*ie))+"px"),[e,t,l]}function Nu(e){e.show&&[e.font,e.labelFont].forEach(t=>{let l=me(t[2]*ie,1);t[0]=t[0].replace(/[0-9.]+px/,l+"px"),t[1]=l})}function Ue(e,t,l){let n={mode:oe(e.mode,1)},o=n.mode;function a(s,r,u,p){let h=r.valToPct(s);return p+u*(r.dir==-1?1-h:h)}function i(s,r,u,p){let h=r.valToPct(s);return p+u*(r.dir==-1?h:1-h)}function c(s,r,u,p){return r.ori==0?a(s,r,u,p):i(s,r,u,p)}n.valToPosH=a,n.valToPosV=i;let d=!1;n.status=0;let f=n.root=wt(za);if(e.id!=null&&(f.id=e.id),ct(f,e.class),e.title){let s=wt(Ua,f);s.textContent=e.title}let y=Tt("canvas"),m=n.ctx=y.getContext("2d"),g=wt(qa,f);pn("click",g,s=>{s.target===k&&(ye!=On||Se!=En)&&ze.click(n,s)},!0);let v=n.under=wt(Ya,g);g.appendChild(y);let k=n.over=wt(Qa,g);e=zn(e);let E=+oe(e.pxAlign,1),D=Hr(E);(e.plugins||[]).forEach(s=>{s.opts&&(e=s.opts(n,e)||e)});let H=e.ms||.001,C=n.series=o==1?Gr(e.series||[],Rr,Wr,!1):Ou(e.series||[null],Vr),W=n.axes=Gr(e.axes||[],Dr,Fr,!0),x=n.scales={},j=n.bands=e.bands||[];j.forEach(s=>{s.fill=te(s.fill||null),s.dir=oe(s.dir,-1)});let P=o==2?C[1].facets[0].scale:C[0].scale,J={axes:pa,series:aa},U=(e.drawOrder||["axes","series"]).map(s=>J[s]);function ee(s){let r=s.distr==3?u=>Ht(u>0?u:s.clamp(n,u,s.min,s.max,s.key)):s.distr==4?u=>xs(u,s.asinh):s.distr==100?u=>s.fwd(u):u=>u;return u=>{let p=r(u),{_min:h,_max:w}=s,b=w-h;return(p-h)/b}}function G(s){let r=x[s];if(r==null){let u=(e.scales||dl)[s]||dl;if(u.from!=null){G(u.from);let p=Oe({},x[u.from],u,{key:s});p.valToPct=ee(p),x[s]=p}else{r=x[s]=Oe({},s==P?bi:wu,u),r.key=s;let p=r.time,h=r.range,w=jt(h);if((s!=P||o==2&&!p)&&(w&&(h[0]==null||h[1]==null)&&(h={min:h[0]==null?br:{mode:1,hard:h[0],soft:h[0]},max:h[1]==null?br:{mode:1,hard:h[1],soft:h[1]}},w=!1),!w&&Bl(h))){let b=h;h=($,S,M)=>S==null?Hn:Nl(S,M,b)}r.range=te(h||(p?Eu:s==P?r.distr==3?Pu:r.distr==4?Du:Oi:r.distr==3?Ei:r.distr==4?Li:Lu)),r.auto=te(w?!1:r.auto),r.clamp=te(r.clamp||yu),r._min=r._max=null,r.valToPct=ee(r)}}}G("x"),G("y"),o==1&&C.forEach(s=>{G(s.scale)}),W.forEach(s=>{G(s.scale)});for(let s in e.scales)G(s);let T=x[P],Q=T.distr,R,z;T.ori==0?(ct(f,Ia),R=a,z=i):(ct(f,Ga),R=i,z=a);let V={};for(let s in x){let r=x[s];(r.min!=null||r.max!=null)&&(V[s]={min:r.min,max:r.max},r.min=r.max=null)}let ne=e.tzDate||(s=>new Date(Pe(s/H))),K=e.fmtDate||qs,tt=H==1?Ic(ne):qc(ne),ke=Er(ne,Or(H==1?zc:Uc,K)),le=Pr(ne,Lr(Qc,K)),de=[],Z=n.legend=Oe({},Zc,e.legend),N=n.cursor=Oe({},su,{drag:{y:o==2}},e.cursor),Ee=Z.show,qe=N.show,ve=Z.markers;Z.idxs=de,ve.width=te(ve.width),ve.dash=te(ve.dash),ve.stroke=te(ve.stroke),ve.fill=te(ve.fill);let ae,$t,st,Ce=[],Ot=[],Kt,ft=!1,It={};if(Z.live){let s=C[1]?C[1].values:null;ft=s!=null,Kt=ft?s(n,1,0):{_:0};for(let r in Kt)It[r]=Bs}if(Ee)if(ae=Tt("table",tc,f),st=Tt("tbody",null,ae),Z.mount(n,ae),ft){$t=Tt("thead",null,ae,st);let s=Tt("tr",null,$t);Tt("th",null,s);for(var gn in Kt)Tt("th",ir,s).textContent=gn}else ct(ae,lc),Z.live&&ct(ae,nc);let yn={show:!0},jn={show:!1};function hl(s,r){if(r==0&&(ft||!Z.live||o==2))return Hn;let u=[],p=Tt("tr",sc,st,st.childNodes[r]);ct(p,s.class),s.show||ct(p,fn);let h=Tt("th",null,p);if(ve.show){let $=wt(oc,h);if(r>0){let S=ve.width(n,r);S&&($.style.border=S+"px "+ve.dash(n,r)+" "+ve.stroke(n,r)),$.style.background=ve.fill(n,r)}}let w=wt(ir,h);s.label instanceof HTMLElement?w.appendChild(s.label):w.textContent=s.label,r>0&&(ve.show||(w.style.color=s.width>0?ve.stroke(n,r):ve.fill(n,r)),Ye("click",h,$=>{if(N._lock)return;ln($);let S=C.indexOf(s);if(($.ctrlKey||$.metaKey)!=Z.isolate){let M=C.some((A,L)=>L>0&&L!=S&&A.show);C.forEach((A,L)=>{L>0&&Pt(L,M?L==S?yn:jn:yn,!0,Ae.setSeries)})}else Pt(S,{show:!s.show},!0,Ae.setSeries)},!1),$n&&Ye(dr,h,$=>{N._lock||(ln($),Pt(C.indexOf(s),Pn,!0,Ae.setSeries))},!1));for(var b in Kt){let $=Tt("td",rc,p);$.textContent="--",u.push($)}return[p,u]}let Zt=new Map;function Ye(s,r,u,p=!0){let h=Zt.get(r)||{},w=N.bind[s](n,r,u,p);w&&(pn(s,r,h[s]=w),Zt.set(r,h))}function wn(s,r,u){let p=Zt.get(r)||{};for(let h in p)(s==null||h==s)&&(Ps(h,r,p[h]),delete p[h]);s==null&&Zt.delete(r)}let Vt=0,Xt=0,Y=0,O=0,he=0,Le=0,_n=he,en=Le,Et=Y,tn=O,ot=0,pt=0,nt=0,kt=0;n.bbox={};let Jl=!1,gl=!1,bn=!1,nn=!1,yl=!1,mt=!1;function Zl(s,r,u){(u||s!=n.width||r!=n.height)&&no(s,r),xn(!1),bn=!0,gl=!0,Tn()}function no(s,r){n.width=Vt=Y=s,n.height=Xt=O=r,he=Le=0,ta(),na();let u=n.bbox;ot=u.left=un(he*ie,.5),pt=u.top=un(Le*ie,.5),nt=u.width=un(Y*ie,.5),kt=u.height=un(O*ie,.5)}let Zi=3;function Xi(){let s=!1,r=0;for(;!s;){r++;let u=da(r),p=fa(r);s=r==Zi||u&&p,s||(no(n.width,n.height),gl=!0)}}function ea({width:s,height:r}){Zl(s,r)}n.setSize=ea;function ta(){let s=!1,r=!1,u=!1,p=!1;W.forEach((h,w)=>{if(h.show&&h._show){let{side:b,_size:$}=h,S=b%2,M=h.label!=null?h.labelSize:0,A=$+M;A>0&&(S?(Y-=A,b==3?(he+=A,p=!0):u=!0):(O-=A,b==0?(Le+=A,s=!0):r=!0))}}),sn[0]=s,sn[1]=u,sn[2]=r,sn[3]=p,Y-=Gt[1]+Gt[3],he+=Gt[3],O-=Gt[2]+Gt[0],Le+=Gt[0]}function na(){let s=he+Y,r=Le+O,u=he,p=Le;function h(w,b){switch(w){case 1:return s+=b,s-b;case 2:return r+=b,r-b;case 3:return u-=b,u+b;case 0:return p-=b,p+b}}W.forEach((w,b)=>{if(w.show&&w._show){let $=w.side;w._pos=h($,w._size),w.label!=null&&(w._lpos=h($,w.labelSize))}})}if(N.dataIdx==null){let s=N.hover,r=s.skip=new Set(s.skip??[]);r.add(void 0);let u=s.prox=te(s.prox),p=s.bias??=0;N.dataIdx=(h,w,b,$)=>{if(w==0)return b;let S=b,M=u(h,w,b,$)??pe,A=M>=0&&M<pe,L=T.ori==0?Y:O,I=N.left,re=t[0],se=t[w];if(r.has(se[b])){S=null;let X=null,B=null,F;if(p==0||p==-1)for(F=b;X==null&&F-- >0;)r.has(se[F])||(X=F);if(p==0||p==1)for(F=b;B==null&&F++<se.length;)r.has(se[F])||(B=F);if(X!=null||B!=null)if(A){let _e=X==null?-1/0:R(re[X],T,L,0),Te=B==null?1/0:R(re[B],T,L,0),We=I-_e,fe=Te-I;We<=fe?We<=M&&(S=X):fe<=M&&(S=B)}else S=B==null?X:X==null?B:b-X<=B-b?X:B}else A&&De(I-R(re[b],T,L,0))>M&&(S=null);return S}}let ln=s=>{N.event=s};N.idxs=de,N._lock=!1;let Ge=N.points;Ge.show=te(Ge.show),Ge.size=te(Ge.size),Ge.stroke=te(Ge.stroke),Ge.width=te(Ge.width),Ge.fill=te(Ge.fill);let Lt=n.focus=Oe({},e.focus||{alpha:.3},N.focus),$n=Lt.prox>=0,kn=$n&&Ge.one,ht=[],vn=[],Sn=[];function lo(s,r){let u=Ge.show(n,r);if(u instanceof HTMLElement)return ct(u,ec),ct(u,s.class),Ft(u,-10,-10,Y,O),k.insertBefore(u,ht[r]),u}function so(s,r){if(o==1||r>0){let u=o==1&&x[s.scale].time,p=s.value;s.value=u?xr(p)?Pr(ne,Lr(p,K)):p||le:p||mu,s.label=s.label||(u?ru:ou)}if(kn||r>0){s.width=s.width==null?1:s.width,s.paths=s.paths||Mu||wc,s.fillTo=te(s.fillTo||_u),s.pxAlign=+oe(s.pxAlign,E),s.pxRound=Hr(s.pxAlign),s.stroke=te(s.stroke||null),s.fill=te(s.fill||null),s._stroke=s._fill=s._paths=s._focus=null;let u=hu(et(1,s.width),1),p=s.points=Oe({},{size:u,width:et(1,u*.2),stroke:s.stroke,space:u*2,paths:Au,_stroke:null,_fill:null},s.points);p.show=te(p.show),p.filter=te(p.filter),p.fill=te(p.fill),p.stroke=te(p.stroke),p.paths=te(p.paths),p.pxAlign=s.pxAlign}if(Ee){let u=hl(s,r);Ce.splice(r,0,u[0]),Ot.splice(r,0,u[1]),Z.values.push(null)}if(qe){de.splice(r,0,null);let u=null;kn?r==0&&(u=lo(s,r)):r>0&&(u=lo(s,r)),ht.splice(r,0,u),vn.splice(r,0,0),Sn.splice(r,0,0)}Ve("addSeries",r)}function la(s,r){r=r??C.length,s=o==1?Vs(s,r,Rr,Wr):Vs(s,r,{},Vr),C.splice(r,0,s),so(C[r],r)}n.addSeries=la;function sa(s){if(C.splice(s,1),Ee){Z.values.splice(s,1),Ot.splice(s,1);let r=Ce.splice(s,1)[0];wn(null,r.firstChild),r.remove()}qe&&(de.splice(s,1),ht.splice(s,1)[0].remove(),vn.splice(s,1),Sn.splice(s,1)),Ve("delSeries",s)}n.delSeries=sa;let sn=[!1,!1,!1,!1];function oa(s,r){if(s._show=s.show,s.show){let u=s.side%2,p=x[s.scale];p==null&&(s.scale=u?C[1].scale:P,p=x[s.scale]);let h=p.time;s.size=te(s.size),s.space=te(s.space),s.rotate=te(s.rotate),jt(s.incrs)&&s.incrs.forEach(b=>{!Jt.has(b)&&Jt.set(b,ti(b))}),s.incrs=te(s.incrs||(p.distr==2?Wc:h?H==1?Hc:Gc:dn)),s.splits=te(s.splits||(h&&p.distr==1?tt:p.distr==3?Rs:p.distr==4?cu:au)),s.stroke=te(s.stroke),s.grid.stroke=te(s.grid.stroke),s.ticks.stroke=te(s.ticks.stroke),s.border.stroke=te(s.border.stroke);let w=s.values;s.values=jt(w)&&!jt(w[0])?te(w):h?jt(w)?Er(ne,Or(w,K)):xr(w)?Yc(ne,w):w||ke:w||iu,s.filter=te(s.filter||(p.distr>=3&&p.log==10?fu:p.distr==3&&p.log==2?pu:Xr)),s.font=Ur(s.font),s.labelFont=Ur(s.labelFont),s._size=s.size(n,null,r,0),s._space=s._rotate=s._incrs=s._found=s._splits=s._values=null,s._size>0&&(sn[r]=!0,s._el=wt(ja,g))}}function Jn(s,r,u,p){let[h,w,b,$]=u,S=r%2,M=0;return S==0&&($||w)&&(M=r==0&&!h||r==2&&!b?Pe(Dr.size/3):0),S==1&&(h||b)&&(M=r==1&&!w||r==3&&!$?Pe(Fr.size/2):0),M}let oo=n.padding=(e.padding||[Jn,Jn,Jn,Jn]).map(s=>te(oe(s,Jn))),Gt=n._padding=oo.map((s,r)=>s(n,r,sn,0)),He,Re=null,Ne=null,wl=o==1?C[0].idxs:null,vt=null,Zn=!1;function ro(s,r){if(t=s??[],n.data=n._data=t,o==2){He=0;for(let u=1;u<C.length;u++)He+=t[u][0].length}else{t.length==0&&(n.data=n._data=t=[[]]),vt=t[0],He=vt.length;let u=t;if(Q==2){u=t.slice();let p=u[0]=Array(He);for(let h=0;h<He;h++)p[h]=h}n._data=t=u}if(xn(!0),Ve("setData"),Q==2&&(bn=!0),r!==!1){let u=T;u.auto(n,Zn)?Xl():qt(P,u.min,u.max),nn=nn||N.left>=0,mt=!0,Tn()}}n.setData=ro;function Xl(){Zn=!0;let s,r;o==1&&(He>0?(Re=wl[0]=0,Ne=wl[1]=He-1,s=t[0][Re],r=t[0][Ne],Q==2?(s=Re,r=Ne):s==r&&(Q==3?[s,r]=Vl(s,s,T.log,!1):Q==4?[s,r]=zs(s,s,T.log,!1):T.time?r=s+Pe(86400/H):[s,r]=Nl(s,r,Is,!0))):(Re=wl[0]=s=null,Ne=wl[1]=r=null)),qt(P,s,r)}let _l,Cn,es,ts,ns,ls,ss,os,rs,lt;function io(s,r,u,p,h,w){s??=cr,u??=Us,p??="butt",h??=cr,w??="round",s!=_l&&(m.strokeStyle=_l=s),h!=Cn&&(m.fillStyle=Cn=h),r!=es&&(m.lineWidth=es=r),w!=ns&&(m.lineJoin=ns=w),p!=ls&&(m.lineCap=ls=p),u!=ts&&m.setLineDash(ts=u)}function ao(s,r,u,p){r!=Cn&&(m.fillStyle=Cn=r),s!=ss&&(m.font=ss=s),u!=os&&(m.textAlign=os=u),p!=rs&&(m.textBaseline=rs=p)}function is(s,r,u,p,h=0){if(p.length>0&&s.auto(n,Zn)&&(r==null||r.min==null)){let w=oe(Re,0),b=oe(Ne,p.length-1),$=u.min==null?fc(p,w,b,h,s.distr==3):[u.min,u.max];s.min=At(s.min,u.min=$[0]),s.max=et(s.max,u.max=$[1])}}let co={min:null,max:null};function ra(){for(let p in x){let h=x[p];V[p]==null&&(h.min==null||V[P]!=null&&h.auto(n,Zn))&&(V[p]=co)}for(let p in x){let h=x[p];V[p]==null&&h.from!=null&&V[h.from]!=null&&(V[p]=co)}V[P]!=null&&xn(!0);let s={};for(let p in V){let h=V[p];if(h!=null){let w=s[p]=zn(x[p],$c);if(h.min!=null)Oe(w,h);else if(p!=P||o==2)if(He==0&&w.from==null){let b=w.range(n,null,null,p);w.min=b[0],w.max=b[1]}else w.min=pe,w.max=-pe}}if(He>0){C.forEach((p,h)=>{if(o==1){let w=p.scale,b=V[w];if(b==null)return;let $=s[w];if(h==0){let S=$.range(n,$.min,$.max,w);$.min=S[0],$.max=S[1],Re=Mt($.min,t[0]),Ne=Mt($.max,t[0]),Ne-Re>1&&(t[0][Re]<$.min&&Re++,t[0][Ne]>$.max&&Ne--),p.min=vt[Re],p.max=vt[Ne]}else p.show&&p.auto&&is($,b,p,t[h],p.sorted);p.idxs[0]=Re,p.idxs[1]=Ne}else if(h>0&&p.show&&p.auto){let[w,b]=p.facets,$=w.scale,S=b.scale,[M,A]=t[h],L=s[$],I=s[S];L!=null&&is(L,V[$],w,M,w.sorted),I!=null&&is(I,V[S],b,A,b.sorted),p.min=b.min,p.max=b.max}});for(let p in s){let h=s[p],w=V[p];if(h.from==null&&(w==null||w.min==null)){let b=h.range(n,h.min==pe?null:h.min,h.max==-pe?null:h.max,p);h.min=b[0],h.max=b[1]}}}for(let p in s){let h=s[p];if(h.from!=null){let w=s[h.from];if(w.min==null)h.min=h.max=null;else{let b=h.range(n,w.min,w.max,p);h.min=b[0],h.max=b[1]}}}let r={},u=!1;for(let p in s){let h=s[p],w=x[p];if(w.min!=h.min||w.max!=h.max){w.min=h.min,w.max=h.max;let b=w.distr;w._min=b==3?Ht(w.min):b==4?xs(w.min,w.asinh):b==100?w.fwd(w.min):w.min,w._max=b==3?Ht(w.max):b==4?xs(w.max,w.asinh):b==100?w.fwd(w.max):w.max,r[p]=u=!0}}if(u){C.forEach((p,h)=>{o==2?h>0&&r.y&&(p._paths=null):r[p.scale]&&(p._paths=null)});for(let p in r)bn=!0,Ve("setScale",p);qe&&N.left>=0&&(nn=mt=!0)}for(let p in V)V[p]=null}function ia(s){let r=Ds(Re-1,0,He-1),u=Ds(Ne+1,0,He-1);for(;s[r]==null&&r>0;)r--;for(;s[u]==null&&u<He-1;)u++;return[r,u]}function aa(){if(He>0){let s=C.some(r=>r._focus)&&lt!=Lt.alpha;s&&(m.globalAlpha=lt=Lt.alpha),C.forEach((r,u)=>{if(u>0&&r.show&&(uo(u,!1),uo(u,!0),r._paths==null)){let p=lt;lt!=r.alpha&&(m.globalAlpha=lt=r.alpha);let h=o==2?[0,t[u][0].length-1]:ia(t[u]);r._paths=r.paths(n,u,h[0],h[1]),lt!=p&&(m.globalAlpha=lt=p)}}),C.forEach((r,u)=>{if(u>0&&r.show){let p=lt;lt!=r.alpha&&(m.globalAlpha=lt=r.alpha),r._paths!=null&&fo(u,!1);{let h=r._paths!=null?r._paths.gaps:null,w=r.points.show(n,u,Re,Ne,h),b=r.points.filter(n,u,w,h);(w||b)&&(r.points._paths=r.points.paths(n,u,Re,Ne,b),fo(u,!0))}lt!=p&&(m.globalAlpha=lt=p),Ve("drawSeries",u)}}),s&&(m.globalAlpha=lt=1)}}function uo(s,r){let u=r?C[s].points:C[s];u._stroke=u.stroke(n,s),u._fill=u.fill(n,s)}function fo(s,r){let u=r?C[s].points:C[s],{stroke:p,fill:h,clip:w,flags:b,_stroke:$=u._stroke,_fill:S=u._fill,_width:M=u.width}=u._paths;M=me(M*ie,3);let A=null,L=M%2/2;r&&S==null&&(S=M>0?"#fff":$);let I=u.pxAlign==1&&L>0;if(I&&m.translate(L,L),!r){let re=ot-M/2,se=pt-M/2,X=nt+M,B=kt+M;A=new Path2D,A.rect(re,se,X,B)}r?as($,M,u.dash,u.cap,S,p,h,b,w):ca(s,$,M,u.dash,u.cap,S,p,h,b,A,w),I&&m.translate(-L,-L)}function ca(s,r,u,p,h,w,b,$,S,M,A){let L=!1;S!=0&&j.forEach((I,re)=>{if(I.series[0]==s){let se=C[I.series[1]],X=t[I.series[1]],B=(se._paths||dl).band;jt(B)&&(B=I.dir==1?B[0]:B[1]);let F,_e=null;se.show&&B&&mc(X,Re,Ne)?(_e=I.fill(n,re)||w,F=se._paths.clip):B=null,as(r,u,p,h,_e,b,$,S,M,A,F,B),L=!0}}),L||as(r,u,p,h,w,b,$,S,M,A)}let po=In|Fs;function as(s,r,u,p,h,w,b,$,S,M,A,L){io(s,r,u,p,h),(S||M||L)&&(m.save(),S&&m.clip(S),M&&m.clip(M)),L?($&po)==po?(m.clip(L),A&&m.clip(A),$l(h,b),bl(s,w,r)):$&Fs?($l(h,b),m.clip(L),bl(s,w,r)):$&In&&(m.save(),m.clip(L),A&&m.clip(A),$l(h,b),m.restore(),bl(s,w,r)):($l(h,b),bl(s,w,r)),(S||M||L)&&m.restore()}function bl(s,r,u){u>0&&(r instanceof Map?r.forEach((p,h)=>{m.strokeStyle=_l=h,m.stroke(p)}):r!=null&&s&&m.stroke(r))}function $l(s,r){r instanceof Map?r.forEach((u,p)=>{m.fillStyle=Cn=p,m.fill(u)}):r!=null&&s&&m.fill(r)}function ua(s,r,u,p){let h=W[s],w;if(p<=0)w=[0,0];else{let b=h._space=h.space(n,s,r,u,p),$=h._incrs=h.incrs(n,s,r,u,p,b);w=Ru(r,u,$,p,b)}return h._found=w}function cs(s,r,u,p,h,w,b,$,S,M){let A=b%2/2;E==1&&m.translate(A,A),io($,b,S,M,$),m.beginPath();let L,I,re,se,X=h+(p==0||p==3?-w:w);u==0?(I=h,se=X):(L=h,re=X);for(let B=0;B<s.length;B++)r[B]!=null&&(u==0?L=re=s[B]:I=se=s[B],m.moveTo(L,I),m.lineTo(re,se));m.stroke(),E==1&&m.translate(-A,-A)}function da(s){let r=!0;return W.forEach((u,p)=>{if(!u.show)return;let h=x[u.scale];if(h.min==null){u._show&&(r=!1,u._show=!1,xn(!1));return}else u._show||(r=!1,u._show=!0,xn(!1));let w=u.side,b=w%2,{min:$,max:S}=h,[M,A]=ua(p,$,S,b==0?Y:O);if(A==0)return;let L=h.distr==2,I=u._splits=u.splits(n,p,$,S,M,A,L),re=h.distr==2?I.map(F=>vt[F]):I,se=h.distr==2?vt[I[1]]-vt[I[0]]:M,X=u._values=u.values(n,u.filter(n,re,p,A,se),p,A,se);u._rotate=w==2?u.rotate(n,X,p,A):0;let B=u._size;u._size=_t(u.size(n,X,p,s)),B!=null&&u._size!=B&&(r=!1)}),r}function fa(s){let r=!0;return oo.forEach((u,p)=>{let h=u(n,p,sn,s);h!=Gt[p]&&(r=!1),Gt[p]=h}),r}function pa(){for(let s=0;s<W.length;s++){let r=W[s];if(!r.show||!r._show)continue;let u=r.side,p=u%2,h,w,b=r.stroke(n,s),$=u==0||u==3?-1:1,[S,M]=r._found;if(r.label!=null){let je=r.labelGap*$,at=Pe((r._lpos+je)*ie);ao(r.labelFont[0],b,"center",u==2?"top":ar),m.save(),p==1?(h=w=0,m.translate(at,Pe(pt+kt/2)),m.rotate((u==3?-Dl:Dl)/2)):(h=Pe(ot+nt/2),w=at);let an=Jr(r.label)?r.label(n,s,S,M):r.label;m.fillText(an,h,w),m.restore()}if(M==0)continue;let A=x[r.scale],L=p==0?nt:kt,I=p==0?ot:pt,re=r._splits,se=A.distr==2?re.map(je=>vt[je]):re,X=A.distr==2?vt[re[1]]-vt[re[0]]:S,B=r.ticks,F=r.border,_e=B.show?B.size:0,Te=Pe(_e*ie),We=Pe((r.alignTo==2?r._size-_e-r.gap:r.gap)*ie),fe=r._rotate*-Dl/180,Me=D(r._pos*ie),rt=(Te+We)*$,Qe=Me+rt;w=p==0?Qe:0,h=p==1?Qe:0;let gt=r.font[0],St=r.align==1?Kn:r.align==2?vs:fe>0?Kn:fe<0?vs:p==0?"center":u==3?vs:Kn,Rt=fe||p==1?"middle":u==2?"top":ar;ao(gt,b,St,Rt);let it=r.font[1]*r.lineGap,yt=re.map(je=>D(c(je,A,L,I))),Ct=r._values;for(let je=0;je<Ct.length;je++){let at=Ct[je];if(at!=null){p==0?h=yt[je]:w=yt[je],at=""+at;let an=at.indexOf(`
`)==-1?[at]:at.split(/\n/gm);for(let Je=0;Je<an.length;Je++){let Lo=an[Je];fe?(m.save(),m.translate(h,w+Je*it),m.rotate(fe),m.fillText(Lo,0,0),m.restore()):m.fillText(Lo,h,w+Je*it)}}}B.show&&cs(yt,B.filter(n,se,s,M,X),p,u,Me,Te,me(B.width*ie,3),B.stroke(n,s),B.dash,B.cap);let Nt=r.grid;Nt.show&&cs(yt,Nt.filter(n,se,s,M,X),p,p==0?2:1,p==0?pt:ot,p==0?kt:nt,me(Nt.width*ie,3),Nt.stroke(n,s),Nt.dash,Nt.cap),F.show&&cs([Me],[1],p==0?1:0,p==0?1:2,p==1?pt:ot,p==1?kt:nt,me(F.width*ie,3),F.stroke(n,s),F.dash,F.cap)}Ve("drawAxes")}function xn(s){C.forEach((r,u)=>{u>0&&(r._paths=null,s&&(o==1?(r.min=null,r.max=null):r.facets.forEach(p=>{p.min=null,p.max=null})))})}let kl=!1,us=!1,Xn=[];function ma(){us=!1;for(let s=0;s<Xn.length;s++)Ve(...Xn[s]);Xn.length=0}function Tn(){kl||(Mc(mo),kl=!0)}function ha(s,r=!1){kl=!0,us=r,s(n),mo(),r&&Xn.length>0&&queueMicrotask(ma)}n.batch=ha;function mo(){if(Jl&&(ra(),Jl=!1),bn&&(Xi(),bn=!1),gl){if($e(v,Kn,he),$e(v,"top",Le),$e(v,il,Y),$e(v,al,O),$e(k,Kn,he),$e(k,"top",Le),$e(k,il,Y),$e(k,al,O),$e(g,il,Vt),$e(g,al,Xt),y.width=Pe(Vt*ie),y.height=Pe(Xt*ie),W.forEach(({_el:s,_show:r,_size:u,_pos:p,side:h})=>{if(s!=null)if(r){let w=h===3||h===0?u:0,b=h%2==1;$e(s,b?"left":"top",p-w),$e(s,b?"width":"height",u),$e(s,b?"top":"left",b?Le:he),$e(s,b?"height":"width",b?O:Y),Ls(s,fn)}else ct(s,fn)}),_l=Cn=es=ns=ls=ss=os=rs=ts=null,lt=1,nl(!0),he!=_n||Le!=en||Y!=Et||O!=tn){xn(!1);let s=Y/Et,r=O/tn;if(qe&&!nn&&N.left>=0){N.left*=s,N.top*=r,Mn&&Ft(Mn,Pe(N.left),0,Y,O),An&&Ft(An,0,Pe(N.top),Y,O);for(let u=0;u<ht.length;u++){let p=ht[u];p!=null&&(vn[u]*=s,Sn[u]*=r,Ft(p,_t(vn[u]),_t(Sn[u]),Y,O))}}if(we.show&&!yl&&we.left>=0&&we.width>0){we.left*=s,we.width*=s,we.top*=r,we.height*=r;for(let u in gs)$e(Ln,u,we[u])}_n=he,en=Le,Et=Y,tn=O}Ve("setSize"),gl=!1}Vt>0&&Xt>0&&(m.clearRect(0,0,y.width,y.height),Ve("drawClear"),U.forEach(s=>s()),Ve("draw")),we.show&&yl&&(vl(we),yl=!1),qe&&nn&&(rn(null,!0,!1),nn=!1),Z.show&&Z.live&&mt&&(ms(),mt=!1),d||(d=!0,n.status=1,Ve("ready")),Zn=!1,kl=!1}n.redraw=(s,r)=>{bn=r||!1,s!==!1?qt(P,T.min,T.max):Tn()};function ds(s,r){let u=x[s];if(u.from==null){if(He==0){let p=u.range(n,r.min,r.max,s);r.min=p[0],r.max=p[1]}if(r.min>r.max){let p=r.min;r.min=r.max,r.max=p}if(He>1&&r.min!=null&&r.max!=null&&r.max-r.min<1e-16)return;s==P&&u.distr==2&&He>0&&(r.min=Mt(r.min,t[0]),r.max=Mt(r.max,t[0]),r.min==r.max&&r.max++),V[s]=r,Jl=!0,Tn()}}n.setScale=ds;let fs,ps,Mn,An,ho,go,On,En,yo,wo,ye,Se,Ut=!1,ze=N.drag,Fe=ze.x,Ke=ze.y;qe&&(N.x&&(fs=wt(Za,k)),N.y&&(ps=wt(Xa,k)),T.ori==0?(Mn=fs,An=ps):(Mn=ps,An=fs),ye=N.left,Se=N.top);let we=n.select=Oe({show:!0,over:!0,left:0,width:0,top:0,height:0},e.select),Ln=we.show?wt(Ja,we.over?k:v):null;function vl(s,r){if(we.show){for(let u in s)we[u]=s[u],u in gs&&$e(Ln,u,s[u]);r!==!1&&Ve("setSelect")}}n.setSelect=vl;function ga(s){if(C[s].show)Ee&&Ls(Ce[s],fn);else if(Ee&&ct(Ce[s],fn),qe){let u=kn?ht[0]:ht[s];u!=null&&Ft(u,-10,-10,Y,O)}}function qt(s,r,u){ds(s,{min:r,max:u})}function Pt(s,r,u,p){r.focus!=null&&$a(s),r.show!=null&&C.forEach((h,w)=>{w>0&&(s==w||s==null)&&(h.show=r.show,ga(w),o==2?(qt(h.facets[0].scale,null,null),qt(h.facets[1].scale,null,null)):qt(h.scale,null,null),Tn())}),u!==!1&&Ve("setSeries",s,r),p&&ll("setSeries",n,s,r)}n.setSeries=Pt;function ya(s,r){Oe(j[s],r)}function wa(s,r){s.fill=te(s.fill||null),s.dir=oe(s.dir,-1),r=r??j.length,j.splice(r,0,s)}function _a(s){s==null?j.length=0:j.splice(s,1)}n.addBand=wa,n.setBand=ya,n.delBand=_a;function ba(s,r){C[s].alpha=r,qe&&ht[s]!=null&&(ht[s].style.opacity=r),Ee&&Ce[s]&&(Ce[s].style.opacity=r)}let Wt,Yt,on,Pn={focus:!0};function $a(s){if(s!=on){let r=s==null,u=Lt.alpha!=1;C.forEach((p,h)=>{if(o==1||h>0){let w=r||h==0||h==s;p._focus=r?null:w,u&&ba(h,w?1:Lt.alpha)}}),on=s,u&&Tn()}}Ee&&$n&&Ye(fr,ae,s=>{N._lock||(ln(s),on!=null&&Pt(null,Pn,!0,Ae.setSeries))});function Dt(s,r,u){let p=x[r];u&&(s=s/ie-(p.ori==1?Le:he));let h=Y;p.ori==1&&(h=O,s=h-s),p.dir==-1&&(s=h-s);let w=p._min,b=p._max,$=s/h,S=w+(b-w)*$,M=p.distr;return M==3?Bn(10,S):M==4?gc(S,p.asinh):M==100?p.bwd(S):S}function ka(s,r){let u=Dt(s,P,r);return Mt(u,t[0],Re,Ne)}n.valToIdx=s=>Mt(s,t[0]),n.posToIdx=ka,n.posToVal=Dt,n.valToPos=(s,r,u)=>x[r].ori==0?a(s,x[r],u?nt:Y,u?ot:0):i(s,x[r],u?kt:O,u?pt:0),n.setCursor=(s,r,u)=>{ye=s.left,Se=s.top,rn(null,r,u)};function _o(s,r){$e(Ln,Kn,we.left=s),$e(Ln,il,we.width=r)}function bo(s,r){$e(Ln,"top",we.top=s),$e(Ln,al,we.height=r)}let el=T.ori==0?_o:bo,tl=T.ori==1?_o:bo;function va(){if(Ee&&Z.live)for(let s=o==2?1:0;s<C.length;s++){if(s==0&&ft)continue;let r=Z.values[s],u=0;for(let p in r)Ot[s][u++].firstChild.nodeValue=r[p]}}function ms(s,r){if(s!=null&&(s.idxs?s.idxs.forEach((u,p)=>{de[p]=u}):bc(s.idx)||de.fill(s.idx),Z.idx=de[0]),Ee&&Z.live){for(let u=0;u<C.length;u++)(u>0||o==1&&!ft)&&Sa(u,de[u]);va()}mt=!1,r!==!1&&Ve("setLegend")}n.setLegend=ms;function Sa(s,r){let u=C[s],p=s==0&&Q==2?vt:t[s],h;ft?h=u.values(n,s,r)??It:(h=u.value(n,r==null?null:p[r],s,r),h=h==null?It:{_:h}),Z.values[s]=h}function rn(s,r,u){yo=ye,wo=Se,[ye,Se]=N.move(n,ye,Se),N.left=ye,N.top=Se,qe&&(Mn&&Ft(Mn,Pe(ye),0,Y,O),An&&Ft(An,0,Pe(Se),Y,O));let p,h=Re>Ne;Wt=pe,Yt=null;let w=T.ori==0?Y:O,b=T.ori==1?Y:O;if(ye<0||He==0||h){p=N.idx=null;for(let $=0;$<C.length;$++){let S=ht[$];S!=null&&Ft(S,-10,-10,Y,O)}$n&&Pt(null,Pn,!0,s==null&&Ae.setSeries),Z.live&&(de.fill(p),mt=!0)}else{let $,S,M;o==1&&($=T.ori==0?ye:Se,S=Dt($,P),p=N.idx=Mt(S,t[0],Re,Ne),M=R(t[0][p],T,w,0));let A=-10,L=-10,I=0,re=0,se=!0,X="",B="";for(let F=o==2?1:0;F<C.length;F++){let _e=C[F],Te=de[F],We=Te==null?null:o==1?t[F][Te]:t[F][1][Te],fe=N.dataIdx(n,F,p,S),Me=fe==null?null:o==1?t[F][fe]:t[F][1][fe];if(mt=mt||Me!=We||fe!=Te,de[F]=fe,F>0&&_e.show){let rt=fe==null?-10:fe==p?M:R(o==1?t[0][fe]:t[F][0][fe],T,w,0),Qe=Me==null?-10:z(Me,o==1?x[_e.scale]:x[_e.facets[1].scale],b,0);if($n&&Me!=null){let gt=T.ori==1?ye:Se,St=De(Lt.dist(n,F,fe,Qe,gt));if(St<Wt){let Rt=Lt.bias;if(Rt!=0){let it=Dt(gt,_e.scale),yt=Me>=0?1:-1,Ct=it>=0?1:-1;Ct==yt&&(Ct==1?Rt==1?Me>=it:Me<=it:Rt==1?Me<=it:Me>=it)&&(Wt=St,Yt=F)}else Wt=St,Yt=F}}if(mt||kn){let gt,St;T.ori==0?(gt=rt,St=Qe):(gt=Qe,St=rt);let Rt,it,yt,Ct,Nt,je,at=!0,an=Ge.bbox;if(an!=null){at=!1;let Je=an(n,F);yt=Je.left,Ct=Je.top,Rt=Je.width,it=Je.height}else yt=gt,Ct=St,Rt=it=Ge.size(n,F);if(je=Ge.fill(n,F),Nt=Ge.stroke(n,F),kn)F==Yt&&Wt<=Lt.prox&&(A=yt,L=Ct,I=Rt,re=it,se=at,X=je,B=Nt);else{let Je=ht[F];Je!=null&&(vn[F]=yt,Sn[F]=Ct,_r(Je,Rt,it,at),yr(Je,je,Nt),Ft(Je,_t(yt),_t(Ct),Y,O))}}}}if(kn){let F=Lt.prox,_e=on==null?Wt<=F:Wt>F||Yt!=on;if(mt||_e){let Te=ht[0];Te!=null&&(vn[0]=A,Sn[0]=L,_r(Te,I,re,se),yr(Te,X,B),Ft(Te,_t(A),_t(L),Y,O))}}}if(we.show&&Ut)if(s!=null){let[$,S]=Ae.scales,[M,A]=Ae.match,[L,I]=s.cursor.sync.scales,re=s.cursor.drag;if(Fe=re._x,Ke=re._y,Fe||Ke){let{left:se,top:X,width:B,height:F}=s.select,_e=s.scales[L].ori,Te=s.posToVal,We,fe,Me,rt,Qe,gt=$!=null&&M($,L),St=S!=null&&A(S,I);gt&&Fe?(_e==0?(We=se,fe=B):(We=X,fe=F),Me=x[$],rt=R(Te(We,L),Me,w,0),Qe=R(Te(We+fe,L),Me,w,0),el(At(rt,Qe),De(Qe-rt))):el(0,w),St&&Ke?(_e==1?(We=se,fe=B):(We=X,fe=F),Me=x[S],rt=z(Te(We,I),Me,b,0),Qe=z(Te(We+fe,I),Me,b,0),tl(At(rt,Qe),De(Qe-rt))):tl(0,b)}else ys()}else{let $=De(yo-ho),S=De(wo-go);if(T.ori==1){let I=$;$=S,S=I}Fe=ze.x&&$>=ze.dist,Ke=ze.y&&S>=ze.dist;let M=ze.uni;M!=null?Fe&&Ke&&(Fe=$>=M,Ke=S>=M,!Fe&&!Ke&&(S>$?Ke=!0:Fe=!0)):ze.x&&ze.y&&(Fe||Ke)&&(Fe=Ke=!0);let A,L;Fe&&(T.ori==0?(A=On,L=ye):(A=En,L=Se),el(At(A,L),De(L-A)),Ke||tl(0,b)),Ke&&(T.ori==1?(A=On,L=ye):(A=En,L=Se),tl(At(A,L),De(L-A)),Fe||el(0,w)),!Fe&&!Ke&&(el(0,0),tl(0,0))}if(ze._x=Fe,ze._y=Ke,s==null){if(u){if(Eo!=null){let[$,S]=Ae.scales;Ae.values[0]=$!=null?Dt(T.ori==0?ye:Se,$):null,Ae.values[1]=S!=null?Dt(T.ori==1?ye:Se,S):null}ll(Ss,n,ye,Se,Y,O,p)}if($n){let $=u&&Ae.setSeries,S=Lt.prox;on==null?Wt<=S&&Pt(Yt,Pn,!0,$):Wt>S?Pt(null,Pn,!0,$):Yt!=on&&Pt(Yt,Pn,!0,$)}}mt&&(Z.idx=p,ms()),r!==!1&&Ve("setCursor")}let Qt=null;Object.defineProperty(n,"rect",{get(){return Qt==null&&nl(!1),Qt}});function nl(s=!1){s?Qt=null:(Qt=k.getBoundingClientRect(),Ve("syncRect",Qt))}function $o(s,r,u,p,h,w,b){N._lock||Ut&&s!=null&&s.movementX==0&&s.movementY==0||(hs(s,r,u,p,h,w,b,!1,s!=null),s!=null?rn(null,!0,!0):rn(r,!0,!1))}function hs(s,r,u,p,h,w,b,$,S){if(Qt==null&&nl(!1),ln(s),s!=null)u=s.clientX-Qt.left,p=s.clientY-Qt.top;else{if(u<0||p<0){ye=-10,Se=-10;return}let[M,A]=Ae.scales,L=r.cursor.sync,[I,re]=L.values,[se,X]=L.scales,[B,F]=Ae.match,_e=r.axes[0].side%2==1,Te=T.ori==0?Y:O,We=T.ori==1?Y:O,fe=_e?w:h,Me=_e?h:w,rt=_e?p:u,Qe=_e?u:p;if(se!=null?u=B(M,se)?c(I,x[M],Te,0):-10:u=Te*(rt/fe),X!=null?p=F(A,X)?c(re,x[A],We,0):-10:p=We*(Qe/Me),T.ori==1){let gt=u;u=p,p=gt}}S&&(r==null||r.cursor.event.type==Ss)&&((u<=1||u>=Y-1)&&(u=un(u,Y)),(p<=1||p>=O-1)&&(p=un(p,O))),$?(ho=u,go=p,[On,En]=N.move(n,u,p)):(ye=u,Se=p)}let gs={width:0,height:0,left:0,top:0};function ys(){vl(gs,!1)}let ko,vo,So,Co;function xo(s,r,u,p,h,w,b){Ut=!0,Fe=Ke=ze._x=ze._y=!1,hs(s,r,u,p,h,w,b,!0,!1),s!=null&&(Ye(Cs,Os,To,!1),ll(ur,n,On,En,Y,O,null));let{left:$,top:S,width:M,height:A}=we;ko=$,vo=S,So=M,Co=A}function To(s,r,u,p,h,w,b){Ut=ze._x=ze._y=!1,hs(s,r,u,p,h,w,b,!1,!0);let{left:$,top:S,width:M,height:A}=we,L=M>0||A>0,I=ko!=$||vo!=S||So!=M||Co!=A;if(L&&I&&vl(we),ze.setScale&&L&&I){let re=$,se=M,X=S,B=A;if(T.ori==1&&(re=S,se=A,X=$,B=M),Fe&&qt(P,Dt(re,P),Dt(re+se,P)),Ke)for(let F in x){let _e=x[F];F!=P&&_e.from==null&&_e.min!=pe&&qt(F,Dt(X+B,F),Dt(X,F))}ys()}else N.lock&&(N._lock=!N._lock,rn(r,!0,s!=null));s!=null&&(wn(Cs,Os),ll(Cs,n,ye,Se,Y,O,null))}function Ca(s,r,u,p,h,w,b){if(N._lock)return;ln(s);let $=Ut;if(Ut){let S=!0,M=!0,A=10,L,I;T.ori==0?(L=Fe,I=Ke):(L=Ke,I=Fe),L&&I&&(S=ye<=A||ye>=Y-A,M=Se<=A||Se>=O-A),L&&S&&(ye=ye<On?0:Y),I&&M&&(Se=Se<En?0:O),rn(null,!0,!0),Ut=!1}ye=-10,Se=-10,de.fill(null),rn(null,!0,!0),$&&(Ut=$)}function Mo(s,r,u,p,h,w,b){N._lock||(ln(s),Xl(),ys(),s!=null&&ll(pr,n,ye,Se,Y,O,null))}function Ao(){W.forEach(Nu),Zl(n.width,n.height,!0)}pn(Rl,Wn,Ao);let Dn={};Dn.mousedown=xo,Dn.mousemove=$o,Dn.mouseup=To,Dn.dblclick=Mo,Dn.setSeries=(s,r,u,p)=>{let h=Ae.match[2];u=h(n,r,u),u!=-1&&Pt(u,p,!0,!1)},qe&&(Ye(ur,k,xo),Ye(Ss,k,$o),Ye(dr,k,s=>{ln(s),nl(!1)}),Ye(fr,k,Ca),Ye(pr,k,Mo),Ks.add(n),n.syncRect=nl);let Sl=n.hooks=e.hooks||{};function Ve(s,r,u){us?Xn.push([s,r,u]):s in Sl&&Sl[s].forEach(p=>{p.call(null,n,r,u)})}(e.plugins||[]).forEach(s=>{for(let r in s.hooks)Sl[r]=(Sl[r]||[]).concat(s.hooks[r])});let Oo=(s,r,u)=>u,Ae=Oe({key:null,setSeries:!1,filters:{pub:Sr,sub:Sr},scales:[P,C[1]?C[1].scale:null],match:[Cr,Cr,Oo],values:[null,null]},N.sync);Ae.match.length==2&&Ae.match.push(Oo),N.sync=Ae;let Eo=Ae.key,ws=$i(Eo);function ll(s,r,u,p,h,w,b){Ae.filters.pub(s,r,u,p,h,w,b)&&ws.pub(s,r,u,p,h,w,b)}ws.sub(n);function xa(s,r,u,p,h,w,b){Ae.filters.sub(s,r,u,p,h,w,b)&&Dn[s](null,r,u,p,h,w,b)}n.pub=xa;function Ta(){ws.unsub(n),Ks.delete(n),Zt.clear(),Ps(Rl,Wn,Ao),f.remove(),ae?.remove(),Ve("destroy")}n.destroy=Ta;function _s(){Ve("init",e,t),ro(t||e.data,!1),V[P]?ds(P,V[P]):Xl(),yl=we.show&&(we.width>0||we.height>0),nn=mt=!0,Zl(e.width,e.height)}return C.forEach(so),W.forEach(oa),l?l instanceof HTMLElement?(l.appendChild(f),_s()):l(n,_s):_s(),n}Ue.assign=Oe;Ue.fmtNum=Gs;Ue.rangeNum=Nl;Ue.rangeLog=Vl;Ue.rangeAsinh=zs;Ue.orient=hn;Ue.pxRatio=ie;Ue.join=Tc;Ue.fmtDate=qs,Ue.tzDate=Kc;Ue.sync=$i;{Ue.addGap=bu,Ue.clipGaps=Hl;let e=Ue.paths={points:Ti};e.linear=Ai,e.stepped=vu,e.bars=Su,e.spline=xu}Pi.exports=Ue});var zo={OffcodeEdgeAway:"{{ $labels.instance }} 的指标取不到。",OffcodeAnswersFailing:"超过百分之一的应答是服务器故障。",OffcodePaymentsPending:"超过二十分之一的应答表示付款结果尚未可知。",OffcodeStoreAway:"存储没有应答；原因见 offcode_store_faults_total 的 fault。",OffcodeStoreNodeAway:"存储节点 {{ $labels.node }} 没有应答。",OffcodeStoreNodeSlow:"存储节点 {{ $labels.node }} 每条命令需要半秒以上。",OffcodeStoreCorrupt:"存储里有一条记录不是应有的形式；有人绕过 Offcode 写入。",OffcodeStoreSettings:"存储的设置不符合付款的要求（{{ $labels.reason }}）。",OffcodeStoreRefused:"该边缘节点使用的存储已移走，或与其设置不符；它拒绝一切调用。",OffcodeLedgerSilent:"账本没有应答；在它应答之前付款一直待定。",OffcodePaymentsPile:"十分钟以来有超过 100 笔付款正在进行。",OffcodePaymentsNotSwept:"到期的付款没有被处理完。",OffcodeSweepEndsEarly:"进行中的付款没有被处理完。",OffcodeSeedSweepEndsEarly:"被替换的种子到期后仍封存在存储中。",OffcodeDestroyedSeedsUnread:"某边缘节点不知道哪些种子已销毁；其核心内存可能还留有它们。",OffcodeEventSweepEndsEarly:"账单事件的保存时间超过了 OFFCODE_RECORD_DAYS。",OffcodeClosedBillChanged:"已关闭的账单被改动；日志写明商户和日期。",OffcodeSeedSealed:"封存的种子打不开（{{ $labels.reason }}）；unknown-key 表示缺少主密钥。",OffcodeKeyRecordForeign:"有人向存储写入了 API 密钥记录，或者缺少主密钥。",OffcodeBucketTooLarge:"某个桶的顾客无法离线付款；请调大 OFFCODE_CORE_MEMORY。",OffcodeCodeAmbiguous:"有付款码同时匹配多个凭证，日志写明是哪些；同一对出现两次就不是巧合。",OffcodeCodeAtTwoMerchants:"同一付款码出现在两家商户；日志写明账户。",OffcodeClockUnsure:"{{ $labels.instance }} 的时钟与存储的时钟不一致；它不接受任何付款码。",OffcodeClockDrifts:"{{ $labels.instance }} 的时钟与存储的时钟相差超过一秒。",OffcodeCallbacksStuck:"到期的回调没有送出。",OffcodeDispatchEndsEarly:"回调的投递一再提前中断。",OffcodeCallbackEndpointDisabled:"某商户在重新设置端点之前收不到回调；请通知它。",OffcodeCallbackBreakerOpen:"某商户的服务器已停；日志写明是哪一家。",OffcodeCallbacksDead:"某商户拒收发给它的回调。",OffcodeCallbackUnreadable:"有回调无法发送（{{ $labels.reason }}）。",OffcodeCallbackLeaseLost:"某进程在投递途中停顿了 30 秒。",OffcodeCallbackSecretSealed:"端点的密钥打不开（{{ $labels.reason }}）；缺少主密钥。",OffcodeCoreShadowDiffers:"影子核心与正在使用的核心结果不同（{{ $labels.reason }}），已停用。",OffcodeCoreShadowUnfit:"影子核心无法在某个边缘节点上运行；原因见日志。",OffcodeCoreReleaseUnfit:"正在使用的核心版本无法在 {{ $labels.instance }} 上运行。",OffcodeCoreSwitchUnread:"在 {{ $labels.instance }} 上读不到哪个核心正在使用。",OffcodeBug:"意外错误，即程序缺陷；位置见日志。",OffcodeMetricsFault:"指标中缺少观测值，即程序缺陷。"};function Ie(e,t){return e===void 0?"–":new Intl.NumberFormat(t,{maximumFractionDigits:1}).format(e)}function Bt(e,t){return e===void 0?"–":new Intl.NumberFormat(t,{maximumSignificantDigits:3}).format(e)}function Go(e,t){return e===0?"0":`1 : ${Bt(1/e,t)}`}var Oa=[[2*86400,1/86400,"d"],[7200,1/3600,"h"],[120,1/60,"min"],[1,1,"s"],[.001,1e3,"ms"],[0,1e6,"µs"]];function xt(e,t){if(e===void 0)return"–";if(e===0)return"0 s";let l=Math.abs(e),[,n,o]=Oa.find(([a])=>l>=a);return`${Bt(e*n,t)} ${o}`}var Io=["B","KiB","MiB","GiB"];function $s(e,t){if(e===void 0)return"–";let[l,n]=[e,0];for(;l>=1024&&n<Io.length-1;)[l,n]=[l/1024,n+1];return`${Bt(l,t)} ${Io[n]}`}var Uo=new Intl.DateTimeFormat("sv-SE",{year:"numeric",month:"2-digit",day:"2-digit",hour:"2-digit",minute:"2-digit",second:"2-digit",fractionalSecondDigits:3}),qo=e=>Uo.format(new Date(e)).replace(",","."),Yo=()=>Uo.resolvedOptions().timeZone;function Be({t:e},{status:t,body:l}){if(t===0)return e("noAnswer");if(t===401)return e("keyUnknown");if(t===403)return e("keyRefused");if(t===404)return e("notFound");if(t===503)return e("unavailable",{code:l?.code??""});let n=l?.reason??l?.detail??l?.title??"";return e("refusedBecause",{code:l?.code??t,why:n})}function Ze({at:e}){return _`<time datetime=${e} title=${e}>${qo(e)}</time>`}function sl({ctx:e,id:t}){return _`${e.nameOf(t)} <code class="soft id">${t}</code>`}function ge({kind:e,children:t}){return _`<span class=${`badge ${e}`}>${t}</span>`}function Qo({name:e,value:t,warn:l=!1,title:n}){return _`
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
  `}function Rn({ctx:e,label:t,question:l,onYes:n}){let[o,a]=q(!1),i=cn(null);return Do(()=>{o&&i.current?.focus()},[o]),o?_`
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
  `}function jo({ctx:e,name:t,secret:l}){return _`
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
  `}function Jo({t:e},{name:t,summary:l,cases:n},o){return(o==="zh"?zo[t]??l:l).replaceAll(/\{\{ \$labels\.(\w+) \}\}/g,(i,c)=>{let d=n.flatMap(f=>f.labels[c]??[]);return d.length>0?d.join(", "):c==="instance"?e("thisEdge"):"…"})}var Ea=["firing","pending","quiet","unseen"],Tl=({state:e,severity:t})=>2*Ea.indexOf(e)+(t==="page"?0:1);function Zo({ctx:e,seen:t,language:l}){let{t:n,tag:o}=e,a=t.alarms.filter(({state:c})=>c==="firing"||c==="pending").sort((c,d)=>Tl(c)-Tl(d)),i=({cases:c})=>xt(Math.max(...c.map(d=>d.seconds)),o);return _`
    <section aria-labelledby="loud" aria-live="polite">
      <h2 id="loud">${n("alarmsNow",{n:a.length})}</h2>
      ${a.length===0&&t.now!==null&&_`
        <p class="note good">${n("allQuiet")}</p>
      `}
      ${a.map(c=>{let d=c.state==="firing",f=d&&c.severity==="page"?"bad":"warn";return _`
          <div class=${`note ${f} alarm`}>
            <strong>${Jo(e,c,l)}</strong>
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
  `}function Xo({ctx:e,seen:t,language:l}){let{t:n,tag:o}=e,a={firing:"bad",pending:"warn",quiet:"good",unseen:"soft"};return _`
    <p>${n("alarmsNote",{time:xt(t.watchedSeconds,o)})}</p>
    <${xe}
      caption=${n("alarms")}
      isTitled=${!0}
      heads=${[n("alarm"),n("state"),n("severity"),n("says")]}
      rows=${t.alarms.toSorted((i,c)=>Tl(i)-Tl(c)).map(i=>[_`<code>${i.name}</code>`,_`<${ge} kind=${a[i.state]}>${n(i.state)}<//>`,i.severity==="page"?n("page"):n("ticket"),Jo(e,i,l)])}
      empty=${n("none")}
    />
  `}function Ml(e){return async(t,l,n)=>{try{let o=await Ho(e,t,l,n),a=await o.text(),i=/^application\/(problem\+)?json/.test(o.headers.get("content-type")??"");return{status:o.status,body:i&&a!==""?JSON.parse(a):a}}catch{return{status:0,body:null}}}}async function Al(e,t,l,n){let o=[],a;for(let i=0;i<n;i++){let c=a===void 0?"":`?${new URLSearchParams({cursor:a})}`,d=await e("GET",t+c);if(!ce(d))return d;if(o.push(...d.body[l]),{cursor:a}=d.body,a===void 0)break}return o}var ol=e=>/^[\x21-\x7e]{1,512}$/.test(e),ce=({status:e})=>e>=200&&e<300;var La=100;function Pa({ctx:e,merchantId:t,onReplayed:l}){let{t:n}=e,[o,a]=q(null),[i,c]=q({text:"",isBad:!1}),d=async()=>{let m=new URLSearchParams({merchant_id:t,status:"dead"});a(await e.call("GET",`/v1/admin/callbacks?${m}`))};be(()=>{d()},[t]);let f=async({callback_id:m,order_id:g})=>{let v=`/v1/admin/callbacks/${m}/replays`,k=await e.call("POST",v);c(ce(k)?{text:n("replayed",{order:g}),isBad:!1}:{text:Be(e,k),isBad:!0}),await d(),l()},y=o!==null&&ce(o)?o.body.callbacks:[];return _`
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
  `}function Da({ctx:e,queues:t,chosen:l,onChoose:n}){let{t:o}=e,a=c=>Ie(c,e.tag)+(c===La?"+":""),i=c=>c===void 0?"–":_`<${Ze} at=${c} />`;return _`
    <${xe}
      caption=${o("callbackQueues")}
      isTitled=${!0}
      heads=${[o("merchant"),o("endpoint"),o("breaker"),o("waiting"),o("dueAt"),o("failingSince"),o("nextProbe"),o("dead")]}
      rows=${t.map(c=>[_`<${sl} ctx=${e} id=${c.merchant_id} />`,_`
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
  `}var er=({breaker:e,dead:t,waiting:l})=>e==="open"?0:t>0?1:l>0?2:3,Ra=100;function tr({ctx:e,tick:t}){let{t:l}=e,[n,o]=q([]),[a,i]=q(null),[c,d]=q(""),f=async()=>{let m=await Al(e.call,"/v1/admin/callback-queues","queues",Ra);i("status"in m?m:null),!("status"in m)&&o(m.toSorted((g,v)=>er(g)-er(v)))};return be(()=>{f()},[t,e.call]),_`
    <h2>${l("callbackQueues")}</h2>
    <p>${l("queuesNote")}</p>
    ${a!==null&&_`
      <${Xe} text=${Be(e,a)} isBad=${!0} />
    `}
    <${Da} ...${{ctx:e,queues:n,chosen:c}} onChoose=${d} />
    ${c!==""&&_`
      <h2>${l("deadLetters")}</h2>
      <${Pa}
        ctx=${e}
        merchantId=${c}
        onReplayed=${()=>{f()}}
      />
    `}
  `}function Ol({ctx:e,id:t,label:l,button:n,fault:o="",onKey:a}){let[i,c]=q(""),[d,f]=q(!1),y=g=>{g.preventDefault();let v=i.trim();f(!ol(v)),ol(v)&&(c(""),a(v))},m=d?e.t("keyOdd"):o;return _`
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
  `}var Na={uploaded:"soft",shadow:"warn",active:"good",retired:"soft"},Fa={uploaded:["shadow","retire"],shadow:["activate","retire"],active:["rollback"],retired:["activate"]};function Ka({ctx:e,releases:t,onStep:l}){let{t:n,tag:o}=e,a=i=>Fa[i.state].map(c=>_`
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
          <${ge} kind=${Na[i.state]}>${n(`release_${i.state}`)}<//>${" "}
          ${i.retired_because??""}
        `,_`<div class="row steps">${a(i)}</div>`,Ie(i.searches,o),_`
          <span class=${i.differences>0?"bad":""}>
            ${Ie(i.differences,o)}
          </span>
        `,i.slowest_ratio===void 0?"–":`× ${Bt(i.slowest_ratio,o)}`,_`<${Ze} at=${i.uploaded_at} />`,_`<code class="id">${i.sha256}</code>`])}
      ids=${t.toReversed().map(i=>i.release_id)}
      empty=${n("noReleases")}
    />
  `}function Va({ctx:e,release:t}){let{t:l}=e,[n,o]=q(null),[a,i]=q({text:"",isBad:!1}),c=async()=>o(await t("GET","/v1/core-releases")),d=async(m,{release_id:g,version:v})=>{let k=m==="rollback"?await t("POST","/v1/core-releases/rollback",{release_id:g}):await t("POST",`/v1/core-releases/${g}/${m}`);i(ce(k)?{text:l(`did_${m}`,{version:v}),isBad:!1}:{text:Be(e,k),isBad:!0}),await c()};if(be(()=>{c()},[t]),n===null)return null;if(!ce(n))return _`<${Xe} text=${Be(e,n)} isBad=${!0} />`;let{releases:f,history:y}=n.body;return _`
    <${Xe} ...${a} />
    <${Ka} ...${{ctx:e,releases:f}} onStep=${d} />
    <${xe}
      caption=${l("releaseHistory")}
      heads=${[l("when"),l("step"),l("release"),l("by")]}
      rows=${y.toReversed().map(m=>[_`<${Ze} at=${m.at} />`,l(`step_${m.action}`),_`<code class="id">${m.release_id??l("builtIn")}</code>`,_`<code class="id">${m.by}</code>`])}
      empty=${l("none")}
    />
  `}function nr({ctx:e,served:t}){let{t:l}=e,[n,o]=q(null);return _`
    <h2>${l("core")}</h2>
    ${t!==void 0&&_`
      <p>
        ${l("coreServes",{version:t.version})}${" "}
        <code>${t.release_id??l("builtIn")}</code>
      </p>
    `}
    ${n===null?_`
        <p>${l("releaseKeyNote")}</p>
        <${Ol}
          ctx=${e}
          id="release-key"
          label=${l("releaseKey")}
          button=${l("showReleases")}
          onKey=${a=>{ol(a)&&o(()=>Ml(a))}}
        />
      `:_`
        <${Va} ctx=${e} release=${n} />
        <button type="button" onClick=${()=>o(null)}>
          ${l("forgetReleaseKey")}
        </button>
      `}
  `}var Wa={text:"",isBad:!1,secrets:[]};function Nn(e){let[t,l]=q(Wa),n=async(a,i,c,d)=>{let f=await e.call(a,i,c);return l(ce(f)?{...d(f.body),isBad:!1}:{text:Be(e,f),isBad:!0,secrets:[]}),ce(f)},o=_`
    <${Xe} text=${t.text} isBad=${t.isBad} />
    ${t.secrets.map(a=>_`<${jo} ctx=${e} ...${a} />`)}
  `;return{step:n,shown:o}}var Fn=(e,t)=>new FormData(e.target).get(t).trim();var lr=({ends_at:e},t)=>e!==void 0&&Date.parse(e)<=t;function ks({ctx:e,caption:t,isTitled:l=!1,keys:n,onEnd:o}){let{t:a}=e,i=Cl.nowMs(),c=d=>lr(d,i)?_`<${ge} kind="soft">${a("ended")}<//>`:d.ends_at===void 0?_`<${ge} kind="good">${a("works")}<//>`:_`<${ge} kind="warn">${a("endsLater")}<//>`;return _`
    <${xe}
      caption=${t}
      isTitled=${l}
      heads=${[a("key"),a("name"),a("state"),a("madeAt"),a("endsAt"),a("step")]}
      rows=${n.map(d=>[_`<code class="id">${d.key_id}</code>`,[d.name,d.scope].filter(Boolean).join(" · "),c(d),_`<${Ze} at=${d.created_at} />`,d.ends_at===void 0?"–":_`<${Ze} at=${d.ends_at} />`,lr(d,i)?"":_`
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
  `}function sr({ctx:e}){let{t}=e,[l,n]=q([]),{step:o,shown:a}=Nn(e),i=async()=>{let f=await e.call("GET","/v1/admin/wallet-keys");ce(f)&&n(f.body.keys)};be(()=>{i()},[e.call]);let c=async f=>{f.preventDefault();let y=Fn(f,"key-name"),m=`/v1/admin/${Fn(f,"key-scope")}-keys`;await o("POST",m,{name:y},v=>({text:t("keyMade",{id:v.key_id}),secrets:[{name:y,secret:v.api_key}]}))&&f.target.reset(),await i()},d=async({key_id:f})=>{await o("DELETE",`/v1/admin/wallet-keys/${f}`,void 0,()=>({text:t("keyEnded",{id:f}),secrets:[]})),await i()};return _`
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
  `}function Ba({ctx:e,merchant:t,onChanged:l}){let{t:n}=e,{name:o}=t,{step:a,shown:i}=Nn(e),c=`/v1/admin/merchants/${t.merchant_id}`,d=t.status==="active",f=async()=>{let k=d?"suspended":"active",E=n(d?"wasSuspended":"wasReactivated");await a("PATCH",c,{status:k},()=>({text:E,secrets:[]})),l()},y=async()=>{await a("POST",`${c}/keys`,void 0,({key_id:k,api_key:E})=>({text:n("keyMade",{id:k}),secrets:[{name:n("key"),secret:E}]})),l()},m=async({key_id:k})=>{await a("DELETE",`${c}/keys/${k}`,void 0,()=>({text:n("keyEnded",{id:k}),secrets:[]})),l()},g=t.guess_odds?.per_day,v=g===void 0?"–":Go(g,e.tag);return _`
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
  `}function or({ctx:e,merchantId:t,onChanged:l}){let[n,o]=q(null),a=async()=>o(await e.call("GET",`/v1/admin/merchants/${t}`));if(be(()=>{a()},[t]),n===null)return null;if(!ce(n))return _`<${Xe} text=${Be(e,n)} isBad=${!0} />`;let i=()=>{a(),l()};return _`
    <${Ba} ctx=${e} merchant=${n.body} onChanged=${i} />
  `}function Ha({ctx:e,onAdded:t}){let{t:l}=e,{step:n,shown:o}=Nn(e);return _`
    ${o}
    <form class="row" onSubmit=${async i=>{i.preventDefault();let c=Fn(i,"name"),d=Fn(i,"url"),f={name:c,...d!==""&&{callback_url:d}};await n("POST","/v1/admin/merchants",f,m=>({text:l("merchantMade",{name:c,id:m.merchant_id}),secrets:[{name:l("key"),secret:m.api_key},...m.callback_secret===void 0?[]:[{name:l("callbackSecret"),secret:m.callback_secret}]]}))&&(i.target.reset(),t())}}>
      <label for="name">${l("merchantName")}</label>
      <input id="name" name="name" required maxlength="100" autocomplete="off" />
      <label for="url">${l("callbackUrl")}</label>
      <input id="url" name="url" type="url" autocomplete="off" />
      <button>${l("addMerchant")}</button>
    </form>
  `}function rr({ctx:e}){let{t}=e,[l,n]=q([]),[o,a]=q(),[i,c]=q(""),d=async m=>{let g=m===void 0?"":`?${new URLSearchParams({cursor:m})}`,v=await e.call("GET",`/v1/admin/merchants${g}`);if(!ce(v))return;let{merchants:k,cursor:E}=v.body;n(D=>m===void 0?k:[...D,...k]),a(E)};be(()=>{d()},[e.call]);let f=()=>{d()},y=m=>[m.name,_`
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
    <${Ha} ctx=${e} onAdded=${f} />
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
      <${or}
        key=${i}
        ...${{ctx:e,merchantId:i,onChanged:f}}
      />
    `}
    <${sr} ctx=${e} />
  `}var Ri=Aa(Di());var Ni=150,Ku=e=>getComputedStyle(document.documentElement).getPropertyValue(e).trim();function Ul(e,t){e.style.setProperty("color",Ku(t));let{color:l}=getComputedStyle(e);return e.style.removeProperty("color"),l}function Vu(e,t,l,n){let o=new Intl.DateTimeFormat(n,{hour:"2-digit",minute:"2-digit",second:"2-digit",hourCycle:"h23"}),a={stroke:()=>Ul(e,"--soft"),grid:{stroke:()=>Ul(e,"--sheet")},ticks:{stroke:()=>Ul(e,"--sheet")},font:"14px system-ui"};return new Ri.default({width:e.clientWidth,height:Ni,legend:{show:!1},cursor:{show:!1},scales:{y:{range:(i,c,d)=>[0,d>0?d*1.1:1]}},axes:[{...a,space:110,values:(i,c)=>c.map(d=>o.format(d*1e3))},{...a,size:(i,c)=>24+8*Math.max(4,...(c??[]).map(d=>d.length)),values:(i,c)=>c.map(l)}],series:[{},...t.map(({name:i,color:c,dash:d})=>({label:i,width:2,points:{show:!1},stroke:()=>Ul(e,c),...d!==void 0&&{dash:[...d]}}))]},[[],...t.map(()=>[])],e)}function Fi({title:e,lines:t,points:l,text:n,tag:o}){let a=cn(null),i=cn(null);be(()=>{let f=a.current,y=i.current=Vu(f,t,n,o),m=new ResizeObserver(()=>y.setSize({width:f.clientWidth,height:Ni}));return m.observe(f),()=>{m.disconnect(),y.destroy()}},[o]),be(()=>{i.current?.setData([l.map(({at:f})=>f),...t.map(({key:f})=>l.map(({values:y})=>y[f]??null))])},[l,o]);let c=l.at(-1)?.values??{},d=({key:f,name:y,color:m,dash:g})=>{let v=c[f];return _`
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
  `}var Wu=/^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/,Bu=/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;function Ki(e){let t=new Map;for(let l of e.split(`
`)){let[,n,o="",a]=Wu.exec(l)??[];if(n===void 0)continue;let i=Object.fromEntries([...o.matchAll(Bu)].map(([,d,f])=>[d,f.replaceAll(/\\(.)/g,(y,m)=>m==="n"?`
`:m)])),c=t.get(n)??[];c.push({labels:i,value:Number(a)}),t.set(n,c)}return t}function Vi({labels:e},t){return Object.entries(t).every(([l,n])=>{let o=e[l]??"";return typeof n=="string"?o===n:n(o)})}function bt(e,t,l={}){return e.get(t)?.filter(n=>Vi(n,l)).reduce((n,{value:o})=>n+o,0)}function ql(e,t,l,n={}){let[o,a]=[e,t].map(i=>bt(i,l,n)??0);return a<o?a:a-o}function pl(e,t,l,n={}){let o=(t.atMs-e.atMs)/1e3;return o<=0?0:ql(e.metrics,t.metrics,l,n)/o}function Yn(e,t,l,n,o={}){let i=[...new Set(l.get(`${n}_bucket`)?.filter(k=>Vi(k,o)).map(({labels:k})=>k.le))].map(k=>{let E={...o,le:k},D=t===null?bt(l,`${n}_bucket`,E):ql(t,l,`${n}_bucket`,E);return{le:k==="+Inf"?1/0:Number(k),count:D}}).sort((k,E)=>k.le-E.le),c=i.at(-1)?.count??0;if(c===0)return;let d=e*c,f=i.findIndex(({count:k})=>k>=d),{le:y,count:m}=i[f],g=i[f-1]??{le:0,count:0};if(y===1/0)return g.le;let v=m===g.count?1:(d-g.count)/(m-g.count);return g.le+(y-g.le)*v}function eo(e,t,l){let n=e.get(t)?.map(({labels:o})=>o[l]??"");return[...new Set(n)].sort()}var Hu=5e3,zu=6e4,Iu=720,Gu={now:null,before:null,points:[],alarms:[],watchedSeconds:0,ready:null,fault:null},Wi=["store-unavailable","ledger-unavailable","clock-unsure"],Uu="offcode_http_answers_total",Bi="offcode_http_request_duration_seconds",qu="offcode_search_duration_seconds_count",Hi={method:"POST",route:e=>e==="/v1/payments"||e==="/v1/verifications"};function Yu(e,t){let{metrics:l}=t,n={due:bt(l,"offcode_payments_due"),underWay:bt(l,"offcode_payments_under_way"),callbacksDue:bt(l,"offcode_callback_merchants_due")};if(e===null)return{at:t.atMs/1e3,values:n};let o=c=>pl(e,t,Uu,{code:c}),a=c=>60*pl(e,t,qu,{result:c}),i=c=>c==="ok"||c==="payment-pending";return{at:t.atMs/1e3,values:{...n,ok:o(c=>c==="ok"),pending:o(c=>c==="payment-pending"),failing:o(c=>Wi.includes(c)),refused:o(c=>!i(c)&&!Wi.includes(c)),p50:Yn(.5,e.metrics,l,Bi,Hi),p99:Yn(.99,e.metrics,l,Bi,Hi),misses:a("none"),collisions:a("ambiguous"),replays:60*o(c=>c==="code-replayed")}}}async function Qu(e,t,l){let[n,o,a]=await Promise.all([e("GET","/v1/admin/metrics"),e("GET","/v1/admin/alarms"),e("GET","/readyz")]);for(let f of[n,o])if(!ce(f))return f;let i={atMs:Cl.nowMs(),metrics:Ki(n.body)},c=t.at(-1)??null;l.push(Yu(c,i)),l.splice(0,l.length-Iu);let d=i.atMs-zu;return t.push(i),t.splice(0,t.findIndex(({atMs:f})=>f>=d)),{now:i,before:t.length>1?t[0]:null,points:[...l],alarms:o.body.alarms,watchedSeconds:o.body.watched_seconds,ready:a,fault:null}}function zi(e){let[t,l]=q(Gu),n=cn(()=>{});return be(()=>{let o=[],a=[],[i,c]=[!1,!1],d,f=async()=>{if(clearTimeout(d),c||i)return;c=!0;let y=await Qu(e,o,a);c=!1,!i&&(l(m=>"points"in y?y:{...m,fault:y}),d=setTimeout(f,Hu))};return f(),n.current=()=>{f()},()=>{i=!0,clearTimeout(d)}},[e]),{seen:t,again:()=>n.current()}}function Qn(e,t){return e===void 0?void 0:bt(e,t)}function Gi({ctx:e,seen:t}){let{t:l,tag:n}=e,{points:o}=t,a=f=>`${Bt(f,n)} ${l("perSecond")}`,i=f=>`${Bt(f,n)} ${l("perMinute")}`,c=(f,y,m,g)=>({key:f,name:y,color:m,...g!==void 0&&{dash:g}}),d=(f,y,m)=>_`<${Fi} ...${{title:f,text:y,lines:m,points:o,tag:n}} />`;return _`
    <div class="charts">
      ${d(l("chartAnswers"),a,[c("ok",l("lineOk"),"--good"),c("refused",l("lineRefused"),"--warn"),c("pending",l("linePending"),"--accent",[6,4]),c("failing",l("lineFailing"),"--bad",[2,3])])}
      ${d(l("chartTimes"),f=>xt(f,n),[c("p50",l("lineP50"),"--good"),c("p99",l("lineP99"),"--warn",[6,4])])}
      ${d(l("chartCodes"),i,[c("misses",l("misses"),"--warn"),c("replays",l("replays"),"--accent",[6,4]),c("collisions",l("collisions"),"--bad",[2,3])])}
      ${d(l("chartQueues"),f=>Ie(f,n),[c("underWay",l("underWay"),"--good"),c("due",l("due"),"--warn",[6,4]),c("callbacksDue",l("callbacksDue"),"--accent",[2,3])])}
    </div>
  `}function ju({t:e,tag:t},l){let n=l.now?.metrics,o=y=>Qn(n,`offcode_${y}`),a=(y,m,g,v=()=>!1)=>({name:m,value:y(o(g),t),warn:v(o(g)??0),title:`offcode_${g}`}),i=a.bind(null,Ie),c=a.bind(null,xt),d=a.bind(null,$s),f=y=>y>0;return[[e("payments"),[i(e("underWay"),"payments_under_way",y=>y>100),i(e("due"),"payments_due"),c(e("oldestDue"),"payments_oldest_due_seconds",y=>y>60)]],[e("callbacks"),[i(e("callbacksDue"),"callback_merchants_due"),c(e("oldestDue"),"callback_oldest_due_seconds",y=>y>120),i(e("deliveries"),"callback_deliveries"),i(e("deliveriesWaiting"),"callback_deliveries_waiting"),i(e("breakersOpen"),"callback_breakers_open",f)]],[e("rations"),[i(e("rationsKnown"),"guess_rations"),i(e("rationsSpent"),"guess_rations_spent",f)]],[e("buckets"),[i(e("buckets"),"buckets"),i(e("seeds"),"bucket_seeds"),i(e("fullest"),"bucket_largest_seeds"),d(e("bucketMemory"),"bucket_memory_bytes"),d(e("bucketLimit"),"bucket_memory_limit_bytes")]],[e("core"),[i(e("coreVersion"),"core_version"),i(e("coreUnfit"),"core_release_unfit",f),i(e("coreShadow"),"core_shadow"),i(e("shadowSearches"),"core_shadow_searches")]],[e("store"),[i(e("cells"),"store_cells"),i(e("cellsSilent"),"store_cells_silent",f),i(e("storeFaults"),"store_faults_total",f)]],[e("clock"),[c(e("clockOffset"),"clock_offset_seconds",y=>Math.abs(y)>1),...Ju({t:e,tag:t},n),i(e("clockUnsure"),"clock_unsure",f)]],[e("process"),Zu({t:e,tag:t},l)]]}var to="offcode_store_node_clock_offset_seconds";function Ju({t:e,tag:t},l=new Map){return eo(l,to,"node").map(n=>{let o=bt(l,to,{node:n});return{name:e("nodeClockOffset",{node:n}),value:xt(o,t),warn:Math.abs(o)>1,title:to}})}function Zu({t:e,tag:t},{now:l,before:n}){let o=Qn(l?.metrics,"process_start_time_seconds");return[{name:e("memory"),value:$s(Qn(l?.metrics,"process_resident_memory_bytes"),t),title:"process_resident_memory_bytes"},{name:e("cpu"),value:l===null||n===null?"–":`${Bt(100*pl(n,l,"process_cpu_seconds_total"),t)} %`,title:"process_cpu_seconds_total"},{name:e("uptime"),value:xt(o===void 0?void 0:l.atMs/1e3-o,t),title:"process_start_time_seconds"}]}function Ui({ctx:e,seen:t}){return _`
    <div class="groups">
      ${ju(e,t).map(([l,n])=>_`
          <section>
            <h3>${l}</h3>
            <dl class="tiles">
              ${n.map(o=>_`<${Qo} ...${o} />`)}
            </dl>
          </section>
        `)}
    </div>
  `}var ml="offcode_http_answers_total",Ii="offcode_search_duration_seconds_count";function qi({ctx:e,seen:t}){let{t:l,tag:n}=e,{now:o,before:a}=t;if(o===null)return null;let i=(f,y,m={})=>[f,a===null?"–":Ie(ql(a.metrics,o.metrics,y,m),n),Ie(bt(o.metrics,y,m),n)],c=[l("what"),l("lastMinute"),l("sinceStart")],d=eo(o.metrics,ml,"code").filter(f=>(bt(o.metrics,ml,{code:f})??0)>0);return _`
    <${xe}
      caption=${l("countsOfCodes")}
      heads=${c}
      rows=${[i(l("misses"),Ii,{result:"none"}),i(l("collisions"),Ii,{result:"ambiguous"}),i(l("replays"),ml,{code:"code-replayed"}),i(l("pendingAnswers"),ml,{code:"payment-pending"}),i(l("callbacksQueued"),"offcode_callbacks_queued_total")]}
      empty=""
    />
    <${xe}
      caption=${l("answersByCode")}
      heads=${c}
      rows=${d.map(f=>i(f,ml,{code:f}))}
      empty=${l("none")}
    />
  `}var Xu=[["offcode_http_request_duration_seconds",["method","route"]],["offcode_search_duration_seconds",["result"]],["offcode_store_request_duration_seconds",["request"]],["offcode_store_node_request_duration_seconds",["node"]],["offcode_ledger_request_duration_seconds",["request","result"]],["offcode_callback_attempt_duration_seconds",["result"]]];function ed(e,t,l){let n=new Map;for(let o of e.get(`${t}_count`)??[]){if(o.value===0)continue;let a=Object.fromEntries(l.map(i=>[i,o.labels[i]??""]));n.set(JSON.stringify(a),a)}return[...n.values()]}function Yi({ctx:e,seen:t}){let{t:l,tag:n}=e,{now:o,before:a}=t;if(o===null)return null;let i={offcode_http_request_duration_seconds:l("legCall"),offcode_search_duration_seconds:l("legSearch"),offcode_store_request_duration_seconds:l("legStore"),offcode_store_node_request_duration_seconds:l("legNode"),offcode_ledger_request_duration_seconds:l("legLedger"),offcode_callback_attempt_duration_seconds:l("legCallback")},c=Xu.flatMap(([d,f])=>ed(o.metrics,d,f).map(y=>{let m=g=>{let v=a===null?void 0:Yn(g,a.metrics,o.metrics,d,y);return xt(v??Yn(g,null,o.metrics,d,y),n)};return[`${i[d]} ${Object.values(y).join(" ")}`,Ie(bt(o.metrics,`${d}_count`,y),n),m(.5),m(.99)]}));return _`
    <${xe}
      caption=${l("times")}
      heads=${[l("what"),l("sinceStart"),l("lineP50"),l("lineP99")]}
      rows=${c}
      empty=${l("none")}
    />
    <p class="soft">${l("timesNote")}</p>
  `}function Qi({ctx:e,seen:t}){let{t:l}=e,{ready:n}=t;if(n===null)return null;let o=n.status===200;return _`
    <p class="row">
      <${ge} kind=${o?"good":"bad"}>
        ${o?l("ready"):l("notReady",{code:n.body?.code??""})}
      <//>
      ${(n.body?.warnings??[]).map(a=>_`<${ge} kind="warn">${a.code}<//>`)}
    </p>
  `}var td={title:"Offcode Console",language:"Language",adminKey:"Admin key",keyNote:"The admin key stays in the memory of this page and is gone with it.",enter:"Open the console",leave:"Forget the key",keyOdd:"A key has no spaces and only letters, digits and signs.",keyUnknown:"The edge does not know this key. Enter all of it, and one of this server.",keyRefused:"This key may not do that. It is of another kind.",noAnswer:"The edge does not answer.",notFound:"There is no such thing.",unavailable:"The edge cannot do that now ({code}).",refusedBecause:"Refused: {code}. {why}",lookFailed:"The latest look failed; what you see is older.",views:"Views",again:"Look now",vault:"Vault",store:"Store",cells:"cells",cellsSilent:"cells that do not answer",cellsMissing:"Cells of the store that do not answer: {n}. What is in them is missing on this page.",cell:"cell {cell}",storeFaults:"requests without an answer, since the start",zone:"Times are of {zone}.",thisEdge:"this edge",openOf:"Open {name}",queuesNote:"All merchants are looked through when this view is opened and when you look again.",overview:"Now",alarms:"Alarms",payments:"Payments",callbacks:"Callbacks",merchants:"Merchants and keys",core:"Core",keyring:"Master keys",ready:"This edge is ready",notReady:"This edge is not ready: {code}",alarmsNow:"Alarms now: {n}",allQuiet:"No alarm, as far as this edge sees.",firing:"Firing",pending:"Soon, if it lasts",quiet:"Quiet",unseen:"Not seen from here",page:"act now",ticket:"look at it within a day",since:"for {time}",alarmsNote:"Judged by this edge over what it has seen of itself for {time}. Prometheus sees all edges.",alarm:"Alarm",state:"State",severity:"Severity",says:"What it says",chartAnswers:"Answers",chartTimes:"Time of a payment or a verification",chartCodes:"Codes that did not pay",chartQueues:"Queues",perSecond:"/s",perMinute:"/min",lineOk:"done",lineRefused:"refused",linePending:"pending",lineFailing:"faults of the server",lineP50:"half of them take at most",lineP99:"99 of 100 take at most",misses:"misses: no customer found",replays:"replays: code used before",collisions:"collisions: two customers match",pendingAnswers:"answers “pending”",callbacksQueued:"callbacks queued",underWay:"under way",due:"due",oldestDue:"oldest has been due for",callbacksDue:"merchants with callbacks due",deliveries:"merchants being delivered to",deliveriesWaiting:"of these, waiting",breakersOpen:"breakers open",rations:"Guess rations",rationsKnown:"known to this edge",rationsSpent:"used up",buckets:"Buckets",seeds:"Seeds",fullest:"seeds in the fullest bucket",bucketMemory:"memory taken",bucketLimit:"memory allowed",coreVersion:"version (0: built in)",coreUnfit:"active release unfit here",coreShadow:"in shadow",shadowSearches:"Searches compared in shadow",clock:"Clock",clockOffset:"ahead of the store's",nodeClockOffset:"ahead of {node}",clockUnsure:"unsure: no code accepted",process:"Process",memory:"memory",cpu:"processor",uptime:"runs for",what:"What",lastMinute:"Last minute",sinceStart:"Since the start",countsOfCodes:"Codes and callbacks",answersByCode:"Answers by code",times:"Times of calls and of their legs",timesNote:"Of the last minute where there was something, otherwise since the start. Within a bucket of the histogram they are estimates.",legCall:"call",legSearch:"search",legStore:"store",legNode:"node of the store",legLedger:"ledger",legCallback:"callback",none:"None",searchTitle:"Find an order or a payment",searchLabel:"Order number or payment id",find:"Find",found:"Found: {n}",nothingFound:"No order and no payment has this id.",order:"Order",merchant:"Merchant",payment:"Payment",paymentsOfOrder:"Payments of the order",status:"Status",amount:"Amount",account:"Account",till:"Shop and till",more:"More",confirmed:"confirmed by the customer",waitsForLedger:"waits for the ledger",waitsForCustomer:"waits for the customer",closedUnseen:"Closed before any payment was seen",steps:"Its life, step by step",when:"When",step:"Step",duePayments:"Payments under way",dueAt:"Due",startedAt:"Began",showLife:"Show its life",nothingDue:"No payment is under way.",is_open:"under way",is_paid:"paid",is_declined:"declined",is_reversing:"being reversed",is_reversed:"reversed",is_refunded:"refunded",is_processing:"at the ledger",is_awaiting_confirmation:"waits for the customer",is_succeeded:"succeeded",is_accepted:"code accepted",is_confirmed:"confirmed by the customer",is_closed_unseen:"closed before it was seen",is_refund_asked:"refund asked for",is_refund_succeeded:"refund given",is_refund_declined:"refund declined",is_callback_queued:"callback queued",is_callback_attempt:"callback sent",is_callback_delivered:"callback delivered",is_callback_dead:"callback given up",callbackQueues:"Queues of callbacks",endpoint:"Endpoint",endpoint_active:"active",endpoint_disabled:"disabled",endpoint_none:"none",breaker:"Breaker",breaker_open:"open",breaker_closed:"closed",waiting:"Waiting",failingSince:"Failing since",nextProbe:"Next probe",dead:"Given up",showDead:"Show {n}",noQueues:"No merchant has an endpoint or a callback.",deadLetters:"Dead letters",deadLettersOf:"Callbacks of {merchant} that were given up",type:"Reports",tries:"Tries",why:"Why",replay:"Send again",replayed:"The callback of {order} is queued again.",name:"Name",merchantName:"Name of a new merchant",callbackUrl:"Callback URL (may be empty)",addMerchant:"Add the merchant",merchantMade:"{name} was added as {id}.",moreMerchants:"More merchants",open_:"Open",active:"active",suspended:"suspended",suspend:"Suspend",reactivate:"Reactivate",suspendQuestion:"Suspend {name}? It takes no new payment from then on.",reactivateQuestion:"Let {name} take payments again?",wasSuspended:"The merchant is suspended.",wasReactivated:"The merchant takes payments again.",guessOdds:"odds that a day of guessed codes hits a customer: {odds}",key:"Key",addKey:"Make a key",keyMade:"The key {id} was made.",keysOf:"Keys of {name}",madeAt:"Made",endsAt:"Ends",works:"works",endsLater:"ends later",ended:"ended",endKey:"End",endKeyQuestion:"End this key at once? Whoever uses it is refused.",keyEnded:"The key {id} has ended.",operatorKeys:"Keys of backends, releases and collectors",keyName:"Name of a new key",keyScope:"For",scopeWallet:"a wallet's backend",scopeRelease:"core releases",scopeMetrics:"metrics",callbackSecret:"Callback secret",shownOnce:"{name}: shown only this once. Hand it over, then leave this view.",copy:"Copy",yes:"Yes: {step}",no:"No",coreServes:"The core that serves here has version {version}.",builtIn:"built in",releaseKey:"Release key",releaseKeyNote:"Core releases want a key of their own, of the scope release. It stays in the memory of this view.",showReleases:"Show the releases",forgetReleaseKey:"Forget the release key",releases:"Core releases",release:"Release",version:"Version",differences:"Differences",slowest:"Slowest against active",uploadedAt:"Uploaded",digest:"SHA-256",noReleases:"No release was uploaded.",releaseHistory:"Who did what",by:"By",release_uploaded:"uploaded",release_shadow:"in shadow",release_active:"active",release_retired:"retired",step_upload:"Upload",step_shadow:"Put into shadow",step_activate:"Activate",step_retire:"Retire",step_rollback:"Roll back",sure_shadow:"Compare version {version} with the active core?",sure_activate:"Let version {version} decide on every edge?",sure_retire:"Take version {version} out of use for good?",sure_rollback:"Leave version {version} for the core before it?",did_shadow:"Version {version} runs in shadow.",did_activate:"Version {version} is active; every edge follows within five seconds.",did_retire:"Version {version} is retired.",did_rollback:"Version {version} was left; every edge follows within five seconds.",masterKey:"Master key",seals:"seals",opens:"opens",missing:"missing: put it back",callbackSecrets:"Callback secrets",apiKeys:"API keys",profiles:"Profiles",profile:"Profile",enrols:"new enrolments get it",served:"served",liveCredentials:"Live credentials",countAgain:"Count again",counting:"Counting …"},nd={title:"Offcode 控制台",language:"语言",adminKey:"管理密钥",keyNote:"管理密钥只留在本页面的内存中，关闭页面即消失。",enter:"打开控制台",leave:"忘掉密钥",keyOdd:"密钥不含空格，只由字母、数字和符号组成。",keyUnknown:"边缘节点不认识这个密钥。请输入完整的、属于这台服务器的密钥。",keyRefused:"这个密钥无权这样做，它是另一类密钥。",noAnswer:"边缘节点没有应答。",notFound:"找不到。",unavailable:"边缘节点现在做不到（{code}）。",refusedBecause:"被拒绝：{code}。{why}",lookFailed:"最近一次查看失败；下面是较早的数据。",views:"视图",again:"立即刷新",vault:"密钥库",store:"存储",cells:"分区",cellsSilent:"没有应答的分区",cellsMissing:"没有应答的存储分区：{n} 个。本页缺少其中的内容。",cell:"分区 {cell}",storeFaults:"自启动以来未得到应答的请求",zone:"时间按 {zone}。",thisEdge:"本节点",openOf:"打开 {name}",queuesNote:"打开此视图或再次刷新时会查看所有商户。",overview:"当前",alarms:"告警",payments:"付款",callbacks:"回调",merchants:"商户与密钥",core:"核心",keyring:"主密钥",ready:"本边缘节点就绪",notReady:"本边缘节点未就绪：{code}",alarmsNow:"当前告警：{n}",allQuiet:"就本边缘节点所见，没有告警。",firing:"正在告警",pending:"若持续则告警",quiet:"正常",unseen:"此处看不到",page:"立即处理",ticket:"一天之内处理",since:"已持续 {time}",alarmsNote:"由本边缘节点按自己 {time} 以来的指标判断。Prometheus 能看到所有节点。",alarm:"告警",state:"状态",severity:"级别",says:"含义",chartAnswers:"应答",chartTimes:"付款或验证的耗时",chartCodes:"没有付成的付款码",chartQueues:"队列",perSecond:"次/秒",perMinute:"次/分",lineOk:"成功",lineRefused:"被拒绝",linePending:"待定",lineFailing:"服务器故障",lineP50:"半数不超过",lineP99:"百分之九十九不超过",misses:"未命中：找不到顾客",replays:"重放：付款码已用过",collisions:"碰撞：两名顾客匹配",pendingAnswers:"“待定”应答",callbacksQueued:"排队的回调",underWay:"进行中",due:"到期",oldestDue:"最早一笔已到期",callbacksDue:"有到期回调的商户",deliveries:"正在投递的商户",deliveriesWaiting:"其中等待的",breakersOpen:"断开的断路器",rations:"猜码额度",rationsKnown:"本节点所知",rationsSpent:"已用完",buckets:"桶",seeds:"种子",fullest:"最满的桶中的种子",bucketMemory:"占用内存",bucketLimit:"内存上限",coreVersion:"版本（0：内置）",coreUnfit:"启用的版本在此不可用",coreShadow:"影子运行中",shadowSearches:"影子比较的查找",clock:"时钟",clockOffset:"比存储快",nodeClockOffset:"比 {node} 快",clockUnsure:"不确定：不接受付款码",process:"进程",memory:"内存",cpu:"处理器",uptime:"已运行",what:"项目",lastMinute:"最近一分钟",sinceStart:"自启动以来",countsOfCodes:"付款码与回调",answersByCode:"按代码的应答",times:"调用及其各段的耗时",timesNote:"有数据时取最近一分钟，否则自启动以来。直方图的桶内为估计值。",legCall:"调用",legSearch:"查找",legStore:"存储",legNode:"存储节点",legLedger:"账本",legCallback:"回调",none:"没有",searchTitle:"查找订单或付款",searchLabel:"订单号或付款号",find:"查找",found:"找到：{n}",nothingFound:"没有这个号码的订单或付款。",order:"订单",merchant:"商户",payment:"付款",paymentsOfOrder:"订单的付款",status:"状态",amount:"金额",account:"账户",till:"门店与收银台",more:"详情",confirmed:"顾客已确认",waitsForLedger:"等待账本",waitsForCustomer:"等待顾客",closedUnseen:"在出现付款之前已关闭",steps:"逐步经过",when:"时间",step:"步骤",duePayments:"进行中的付款",dueAt:"到期时间",startedAt:"开始时间",showLife:"查看经过",nothingDue:"没有进行中的付款。",is_open:"进行中",is_paid:"已付",is_declined:"被拒付",is_reversing:"正在撤销",is_reversed:"已撤销",is_refunded:"已退款",is_processing:"账本处理中",is_awaiting_confirmation:"等待顾客确认",is_succeeded:"成功",is_accepted:"付款码已接受",is_confirmed:"顾客已确认",is_closed_unseen:"出现之前已关闭",is_refund_asked:"申请退款",is_refund_succeeded:"已退款",is_refund_declined:"退款被拒",is_callback_queued:"回调已排队",is_callback_attempt:"回调已发送",is_callback_delivered:"回调已送达",is_callback_dead:"回调已放弃",callbackQueues:"回调队列",endpoint:"端点",endpoint_active:"启用",endpoint_disabled:"停用",endpoint_none:"没有",breaker:"断路器",breaker_open:"断开",breaker_closed:"接通",waiting:"等待",failingSince:"失败始于",nextProbe:"下次探测",dead:"已放弃",showDead:"查看 {n}",noQueues:"没有商户设置端点或有回调。",deadLetters:"死信",deadLettersOf:"{merchant} 已放弃的回调",type:"内容",tries:"次数",why:"原因",replay:"重新发送",replayed:"{order} 的回调已重新排队。",name:"名称",merchantName:"新商户名称",callbackUrl:"回调地址（可空）",addMerchant:"添加商户",merchantMade:"已添加 {name}，编号 {id}。",moreMerchants:"更多商户",open_:"打开",active:"正常",suspended:"已暂停",suspend:"暂停",reactivate:"恢复",suspendQuestion:"暂停 {name}？此后它不能收取新的付款。",reactivateQuestion:"让 {name} 重新收款？",wasSuspended:"商户已暂停。",wasReactivated:"商户已恢复收款。",guessOdds:"一天猜码命中顾客的概率：{odds}",key:"密钥",addKey:"新建密钥",keyMade:"已新建密钥 {id}。",keysOf:"{name} 的密钥",madeAt:"创建时间",endsAt:"结束时间",works:"有效",endsLater:"稍后结束",ended:"已结束",endKey:"结束",endKeyQuestion:"立即结束此密钥？使用它的人将被拒绝。",keyEnded:"密钥 {id} 已结束。",operatorKeys:"后端、发布与采集的密钥",keyName:"新密钥名称",keyScope:"用途",scopeWallet:"钱包后端",scopeRelease:"核心发布",scopeMetrics:"指标采集",callbackSecret:"回调密钥",shownOnce:"{name}：只显示这一次。请交给对方，然后离开此视图。",copy:"复制",yes:"是：{step}",no:"否",coreServes:"此处运行的核心版本为 {version}。",builtIn:"内置",releaseKey:"发布密钥",releaseKeyNote:"核心发布需要单独的发布密钥。它只留在此视图的内存中。",showReleases:"查看版本",forgetReleaseKey:"忘掉发布密钥",releases:"核心版本",release:"版本编号",version:"版本",differences:"差异",slowest:"最慢倍数",uploadedAt:"上传时间",digest:"SHA-256 摘要",noReleases:"没有上传过版本。",releaseHistory:"操作记录",by:"操作者",release_uploaded:"已上传",release_shadow:"影子运行",release_active:"正在使用",release_retired:"已停用",step_upload:"上传",step_shadow:"转入影子",step_activate:"启用",step_retire:"停用",step_rollback:"回退",sure_shadow:"将版本 {version} 与正在使用的核心比较？",sure_activate:"让版本 {version} 在所有节点上生效？",sure_retire:"永久停用版本 {version}？",sure_rollback:"放弃版本 {version}，回到之前的核心？",did_shadow:"版本 {version} 正在影子运行。",did_activate:"版本 {version} 已启用；各节点五秒内跟进。",did_retire:"版本 {version} 已停用。",did_rollback:"已放弃版本 {version}；各节点五秒内跟进。",masterKey:"主密钥",seals:"用于封存",opens:"用于打开",missing:"缺失：请放回",callbackSecrets:"回调密钥",apiKeys:"接口密钥",profiles:"方案",profile:"方案",enrols:"新注册使用",served:"提供服务",liveCredentials:"有效凭证",countAgain:"重新统计",counting:"统计中……"},Yl={en:td,zh:nd};var ld=["succeeded","paid","callback_delivered","refund_succeeded"],sd=["declined","callback_dead","refund_declined"],jl=e=>ld.includes(e)?"good":sd.includes(e)?"bad":"soft",od=({step:e,http_status:t=0})=>e!=="callback_attempt"?jl(e):t>=200&&t<300?"good":"warn",Ql=({t:e},t)=>{let l=`is_${t}`;return Object.hasOwn(Yl.en,l)?e(l):t};function rd(e,t,l){let n=[t.amount_minor!==void 0&&l!==void 0&&xl(t.amount_minor,l,e.tag),t.reason,t.refund_id,t.type,t.http_status!==void 0&&`HTTP ${t.http_status}`,t.error,t.duration_ms!==void 0&&xt(t.duration_ms/1e3,e.tag)].filter(o=>o!==void 0&&o!==!1);return _`
    ${n.join(" · ")}
    ${t.response!==void 0&&t.response!==""&&_`
      <pre class="response">${t.response}</pre>
    `}
    <code class="soft id below">${t.callback_id??t.payment_id??""}</code>
  `}function id({ctx:e,order:t}){let{t:l,tag:n}=e,o=t.payments.at(-1)?.currency;return _`
    <article class="sheet">
      <h3>
        ${l("order")} <code>${t.order_id}</code>${" "}
        <${ge} kind=${jl(t.state)}>${Ql(e,t.state)}<//>
      </h3>
      <p>
        ${l("merchant")}: <${sl} ctx=${e} id=${t.merchant_id} />
        ${t.cell!==void 0&&` · ${l("cell",{cell:t.cell})}`}
      </p>
      <${xe}
        caption=${l("paymentsOfOrder")}
        heads=${[l("payment"),l("status"),l("amount"),l("account"),l("till"),l("more")]}
        rows=${t.payments.map(a=>[_`<code class="id">${a.payment_id}</code>`,_`<${ge} kind=${jl(a.status)}>${Ql(e,a.status)}<//>`,xl(a.amount_minor,a.currency,n),_`<code>${a.account_id}</code>`,[a.store_id,a.terminal_id].filter(Boolean).join(" "),[a.cell!==void 0&&l("cell",{cell:a.cell}),a.description,a.decline_reason,a.confirmed&&l("confirmed"),a.waits_for==="ledger"&&l("waitsForLedger"),a.waits_for==="customer"&&l("waitsForCustomer")].filter(Boolean).join(" · ")])}
        empty=${l("closedUnseen")}
      />
      <${xe}
        caption=${l("steps")}
        heads=${[l("when"),l("step"),l("more")]}
        rows=${t.steps.map(a=>[_`<${Ze} at=${a.at} />`,_`<${ge} kind=${od(a)}>${Ql(e,a.step)}<//>`,rd(e,a,o)])}
        empty=${l("none")}
      />
    </article>
  `}function ad({ctx:e,wanted:t}){let{t:l}=e,[n,o]=q(t),[a,i]=q(null),c=async f=>{let y=f.startsWith("pay_")?"payment_id":"order_id",m=new URLSearchParams({[y]:f.trim()});i(await e.call("GET",`/v1/admin/orders?${m}`))};be(()=>{t!==""&&(o(t),c(t))},[t]);let d=a!==null&&ce(a)?a.body.orders:[];return _`
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
    ${d.map(f=>_`<${id} ctx=${e} order=${f} />`)}
  `}function ji({ctx:e,tick:t}){let{t:l,tag:n}=e,[o,a]=q(""),[i,c]=q(null);be(()=>{e.call("GET","/v1/admin/due-payments").then(c)},[t,e.call]);let d=i!==null&&ce(i)?i.body.payments:[];return _`
    <h2>${l("searchTitle")}</h2>
    <${ad} ctx=${e} wanted=${o} />
    <h2>${l("duePayments")}</h2>
    ${i!==null&&!ce(i)&&_`
      <${Xe} text=${Be(e,i)} isBad=${!0} />
    `}
    <${xe}
      caption=${l("duePayments")}
      isTitled=${!0}
      heads=${[l("order"),l("merchant"),l("status"),l("amount"),l("dueAt"),l("startedAt"),l("step")]}
      rows=${d.map(f=>[_`<code>${f.order_id}</code>`,_`<${sl} ctx=${e} id=${f.merchant_id} />`,_`<${ge} kind=${jl(f.status)}>${Ql(e,f.status)}<//>`,xl(f.amount_minor,f.currency,n),_`<${Ze} at=${f.due_at} />`,_`<${Ze} at=${f.created_at} />`,_`
          <button type="button" onClick=${()=>a(f.payment_id)}>
            ${l("showLife")}
          </button>
        `])}
      empty=${l("nothingDue")}
    />
  `}var cd={seals:"good",opens:"soft",missing:"bad",enrols:"good",served:"soft"};function Ji({ctx:e}){let{t,tag:l}=e,[n,o]=q(null),[a,i]=q(null),c=async()=>{i(await e.call("GET","/v1/admin/profiles")),o(await e.call("GET","/v1/admin/keyring"))};be(()=>{c()},[e.call]);let d=g=>_`<${ge} kind=${cd[g]}>${t(g)}<//>`,f=[n,a].filter(g=>g!==null&&!ce(g)),y=n!==null&&ce(n)?n.body.keys:[],m=a!==null&&ce(a)?a.body.profiles:[];return _`
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
  `}var ud=["overview","alarms","payments","callbacks","merchants","core","vault"];function dd({ctx:e,view:t,seen:l,pressed:n,language:o}){switch(t){case"overview":return _`
        <${Zo} ...${{ctx:e,seen:l,language:o}} />
        <${Gi} ...${{ctx:e,seen:l}} />
        <${Ui} ...${{ctx:e,seen:l}} />
        <div class="pair">
          <${qi} ...${{ctx:e,seen:l}} />
        </div>
        <${Yi} ...${{ctx:e,seen:l}} />
      `;case"alarms":return _`
        <h2>${e.t("alarms")}</h2>
        <${Xo} ...${{ctx:e,seen:l,language:o}} />
      `;case"payments":return _`<${ji} ctx=${e} tick=${l.now} />`;case"callbacks":return _`<${tr} ctx=${e} tick=${n} />`;case"merchants":return _`<${rr} ctx=${e} />`;case"core":return _`
        <${nr} ctx=${e} served=${l.ready?.body?.core} />
      `;case"vault":return _`<${Ji} ctx=${e} />`}}var fd=20;function pd(e){let[t,l]=q(new Map);return be(()=>{Al(e,"/v1/admin/merchants","merchants",fd).then(o=>{"status"in o||l(new Map(o.map(a=>[a.merchant_id,a.name])))})},[e]),n=>t.get(n)}function md({t:e,tag:t,call:l,language:n,onLeave:o}){let a=pd(l),i={t:e,tag:t,call:l,nameOf:a},[c,d]=q(0),f=()=>{d(c+1),v()},[y,m]=q("overview"),{seen:g,again:v}=zi(l),k=g.alarms.filter(({state:D})=>D==="firing").length,E=Qn(g.now?.metrics,"offcode_store_cells_silent")??0;return be(()=>(document.title=k>0?`(${k}) ${e("title")}`:e("title"),()=>document.title=e("title")),[k,n]),_`
    <nav aria-label=${e("views")} class="row">
      ${ud.map(D=>_`
          <button
            type="button"
            aria-current=${D===y?"page":void 0}
            onClick=${()=>m(D)}
          >
            ${e(D)}${D==="alarms"&&k>0&&_`
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
      ${E>0&&_`
        <p role="alert" class="note bad">${e("cellsMissing",{n:E})}</p>
      `}
      <${Qi} ctx=${i} seen=${g} />
      <${dd} ...${{ctx:i,view:y,seen:g,pressed:c,language:n}} />
      <p class="soft">${e("zone",{zone:Yo()})}</p>
    </main>
  `}function hd(){let[e,t]=q(Vo),[l,n]=q(null),[o,a]=q(""),i=Ro(()=>Ko(Yl,e),[e]),c=bs[e];be(()=>{Bo(e),document.title=i("title")},[e]);let d=y=>{Wo(y),t(y)},f=async y=>{let m=Ml(y);a("");let g=await m("GET","/v1/admin/alarms");if(ce(g))return n(()=>m);a(Be({t:i},g))};return _`
    <header class="row">
      <h1>${i("title")}</h1>
      <div class="row languages" role="group" aria-label=${i("language")}>
        ${No.map(y=>_`
            <button
              type="button"
              lang=${bs[y]}
              aria-pressed=${y===e}
              onClick=${()=>d(y)}
            >
              ${Fo[y]}
            </button>
          `)}
      </div>
    </header>
    ${l===null?_`
        <main class="door">
          <p>${i("keyNote")}</p>
          <${Ol}
            ctx=${{t:i}}
            id="admin-key"
            label=${i("adminKey")}
            button=${i("enter")}
            fault=${o}
            onKey=${y=>{f(y)}}
          />
        </main>
      `:_`
        <${md}
          ...${{t:i,tag:c,call:l,language:e}}
          onLeave=${()=>n(null)}
        />
      `}
  `}Po(_`<${hd} />`,document.body);
