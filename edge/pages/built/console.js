import{a as Al}from"./chunk-4GNJUVTE.js";import{a as Bs,b as zs,c as Is,d as xo,e as Gs,f as Us,g as qs,h as Ys,i as Qs,j as w}from"./chunk-WY5Q4H3A.js";import{a as qa,b as Ya}from"./chunk-SQE76S5B.js";var Zi=qa((If,Ji)=>{"use strict";var dc="uplot",fc="u-hz",pc="u-vt",mc="u-title",hc="u-wrap",gc="u-under",yc="u-over",_c="u-axis",mn="u-off",wc="u-select",bc="u-cursor-x",$c="u-cursor-y",kc="u-cursor-pt",vc="u-legend",Sc="u-live",Cc="u-inline",xc="u-series",Tc="u-marker",Cr="u-label",Ac="u-value",ul="width",dl="height",xr="bottom",Vn="left",Ro="right",Zo="#000",Tr=Zo+"0",No="mousemove",Ar="mousedown",Fo="mouseup",Mr="mouseenter",Er="mouseleave",Or="dblclick",Mc="resize",Ec="scroll",Pr="change",Hl="dppxchange",Xo="--",qn=typeof window<"u",Bo=qn?document:null,Bn=qn?window:null,Oc=qn?navigator:null,ie,Dl;function zo(){let e=devicePixelRatio;ie!=e&&(ie=e,Dl&&Go(Pr,Dl,zo),Dl=matchMedia(`(min-resolution: ${ie-.001}dppx) and (max-resolution: ${ie+.001}dppx)`),hn(Pr,Dl,zo),Bn.dispatchEvent(new CustomEvent(Hl)))}function dt(e,t){if(t!=null){let n=e.classList;!n.contains(t)&&n.add(t)}}function Io(e,t){let n=e.classList;n.contains(t)&&n.remove(t)}function $e(e,t,n){e.style[t]=n+"px"}function Tt(e,t,n,l){let s=Bo.createElement(e);return t!=null&&dt(s,t),n?.insertBefore(s,l),s}function bt(e,t){return Tt("div",e,t)}var Lr=new WeakMap;function Vt(e,t,n,l,s){let a="translate("+t+"px,"+n+"px)",i=Lr.get(e);a!=i&&(e.style.transform=a,Lr.set(e,a),t<0||n<0||t>l||n>s?dt(e,mn):Io(e,mn))}var Dr=new WeakMap;function Rr(e,t,n){let l=t+n,s=Dr.get(e);l!=s&&(Dr.set(e,l),e.style.background=t,e.style.borderColor=n)}var Nr=new WeakMap;function Fr(e,t,n,l){let s=t+""+n,a=Nr.get(e);s!=a&&(Nr.set(e,s),e.style.height=n+"px",e.style.width=t+"px",e.style.marginLeft=l?-t/2+"px":0,e.style.marginTop=l?-n/2+"px":0)}var es={passive:!0},Pc={...es,capture:!0};function hn(e,t,n,l){t.addEventListener(e,n,l?Pc:es)}function Go(e,t,n,l){t.removeEventListener(e,n,es)}qn&&zo();function At(e,t,n,l){let s;n=n||0,l=l||t.length-1;let a=l<=2147483647;for(;l-n>1;)s=a?n+l>>1:ft((n+l)/2),t[s]<e?n=s:l=s;return e-t[n]<=t[l]-e?n:l}function di(e){return(n,l,s)=>{let a=-1,i=-1;for(let c=l;c<=s;c++)if(e(n[c])){a=c;break}for(let c=s;c>=l;c--)if(e(n[c])){i=c;break}return[a,i]}}var fi=e=>e!=null,pi=e=>e!=null&&e>0,Wl=di(fi),Lc=di(pi);function Dc(e,t,n,l=0,s=!1){let a=s?Lc:Wl,i=s?pi:fi;[t,n]=a(e,t,n);let c=e[t],d=e[t];if(t>-1)if(l==1)c=e[t],d=e[n];else if(l==-1)c=e[n],d=e[t];else for(let f=t;f<=n;f++){let y=e[f];i(y)&&(y<c?c=y:y>d&&(d=y))}return[c??me,d??-me]}function Bl(e,t,n,l){let s=Vr(e),a=Vr(t);e==t&&(s==-1?(e*=n,t/=n):(e/=n,t*=n));let i=n==10?It:mi,c=s==1?ft:$t,d=a==1?$t:ft,f=c(i(Ne(e))),y=d(i(Ne(t))),m=zn(n,f),g=zn(n,y);return n==10&&(f<0&&(m=he(m,-f)),y<0&&(g=he(g,-y))),l||n==2?(e=m*s,t=g*a):(e=_i(e,m),t=zl(t,g)),[e,t]}function ts(e,t,n,l){let s=Bl(e,t,n,l);return e==0&&(s[0]=0),t==0&&(s[1]=0),s}var ns=.1,Hr={mode:3,pad:ns},pl={pad:0,soft:null,mode:0},Rc={min:pl,max:pl};function Kl(e,t,n,l){return Il(n)?Kr(e,t,n):(pl.pad=n,pl.soft=l?0:null,pl.mode=l?3:0,Kr(e,t,Rc))}function se(e,t){return e??t}function Nc(e,t,n){for(t=se(t,0),n=se(n,e.length-1);t<=n;){if(e[t]!=null)return!0;t++}return!1}function Kr(e,t,n){let l=n.min,s=n.max,a=se(l.pad,0),i=se(s.pad,0),c=se(l.hard,-me),d=se(s.hard,me),f=se(l.soft,me),y=se(s.soft,-me),m=se(l.mode,0),g=se(s.mode,0),k=t-e,v=It(k),O=nt(Ne(e),Ne(t)),K=It(O),B=Ne(K-v);(k<1e-24||B>10)&&(k=0,(e==0||t==0)&&(k=1e-24,m==2&&f!=me&&(a=0),g==2&&y!=-me&&(i=0)));let C=k||O||1e3,V=It(C),x=zn(10,ft(V)),j=C*(k==0?e==0?.1:1:a),L=he(_i(e-j,x/10),24),J=e>=f&&(m==1||m==3&&L<=f||m==2&&L>=f)?f:me,U=nt(c,L<J&&e>=J?J:Mt(J,L)),ee=C*(k==0?t==0?.1:1:i),G=he(zl(t+ee,x/10),24),T=t<=y&&(g==1||g==3&&G>=y||g==2&&G<=y)?y:-me,Q=Mt(d,G>T&&t<=T?T:nt(T,G));return U==Q&&U==0&&(Q=100),[U,Q]}var Fc=new Intl.NumberFormat(qn?Oc.language:"en-US"),ls=e=>Fc.format(e),pt=Math,Fl=pt.PI,Ne=pt.abs,ft=pt.floor,Re=pt.round,$t=pt.ceil,Mt=pt.min,nt=pt.max,zn=pt.pow,Vr=pt.sign,It=pt.log10,mi=pt.log2,Hc=(e,t=1)=>pt.sinh(e)*t,Ho=(e,t=1)=>pt.asinh(e/t),me=1/0;function Wr(e){return(It((e^e>>31)-(e>>31))|0)+1}function Uo(e,t,n){return Mt(nt(e,t),n)}function hi(e){return typeof e=="function"}function te(e){return hi(e)?e:()=>e}var Kc=()=>{},gi=e=>e,yi=(e,t)=>t,Vc=e=>null,Br=e=>!0,zr=(e,t)=>e==t,Wc=/\.\d*?(?=9{6,}|0{6,})/gm,gn=e=>{if(bi(e)||Xt.has(e))return e;let t=`${e}`,n=t.match(Wc);if(n==null)return e;let l=n[0].length-1;if(t.indexOf("e-")!=-1){let[s,a]=t.split("e");return+`${gn(s)}e${a}`}return he(e,l)};function fn(e,t){return gn(he(gn(e/t))*t)}function zl(e,t){return gn($t(gn(e/t))*t)}function _i(e,t){return gn(ft(gn(e/t))*t)}function he(e,t=0){if(bi(e))return e;let n=10**t,l=e*n*(1+Number.EPSILON);return Re(l)/n}var Xt=new Map;function wi(e){return((""+e).split(".")[1]||"").length}function hl(e,t,n,l){let s=[],a=l.map(wi);for(let i=t;i<n;i++){let c=Ne(i),d=he(zn(e,i),c);for(let f=0;f<l.length;f++){let y=e==10?+`${l[f]}e${i}`:l[f]*d,m=(i>=0?0:c)+(i>=a[f]?0:a[f]),g=e==10?y:he(y,m);s.push(g),Xt.set(g,m)}}return s}var ml={},os=[],In=[null,null],Zt=Array.isArray,bi=Number.isInteger,Bc=e=>e===void 0;function Ir(e){return typeof e=="string"}function Il(e){let t=!1;if(e!=null){let n=e.constructor;t=n==null||n==Object}return t}function zc(e){return e!=null&&typeof e=="object"}var Ic=Object.getPrototypeOf(Uint8Array),$i="__proto__";function Gn(e,t=Il){let n;if(Zt(e)){let l=e.find(s=>s!=null);if(Zt(l)||t(l)){n=Array(e.length);for(let s=0;s<e.length;s++)n[s]=Gn(e[s],t)}else n=e.slice()}else if(e instanceof Ic)n=e.slice();else if(t(e)){n={};for(let l in e)l!=$i&&(n[l]=Gn(e[l],t))}else n=e;return n}function Oe(e){let t=arguments;for(let n=1;n<t.length;n++){let l=t[n];for(let s in l)s!=$i&&(Il(e[s])?Oe(e[s],Gn(l[s])):e[s]=Gn(l[s]))}return e}var Gc=0,Uc=1,qc=2;function Yc(e,t,n){for(let l=0,s,a=-1;l<t.length;l++){let i=t[l];if(i>a){for(s=i-1;s>=0&&e[s]==null;)e[s--]=null;for(s=i+1;s<n&&e[s]==null;)e[a=s++]=null}}}function Qc(e,t){if(Zc(e)){let i=e[0].slice();for(let c=1;c<e.length;c++)i.push(...e[c].slice(1));return Xc(i[0])||(i=Jc(i)),i}let n=new Set;for(let i=0;i<e.length;i++){let d=e[i][0],f=d.length;for(let y=0;y<f;y++)n.add(d[y])}let l=[Array.from(n).sort((i,c)=>i-c)],s=l[0].length,a=new Map;for(let i=0;i<s;i++)a.set(l[0][i],i);for(let i=0;i<e.length;i++){let c=e[i],d=c[0];for(let f=1;f<c.length;f++){let y=c[f],m=Array(s).fill(void 0),g=t?t[i][f]:Uc,k=[];for(let v=0;v<y.length;v++){let O=y[v],K=a.get(d[v]);O===null?g!=Gc&&(m[K]=O,g==qc&&k.push(K)):m[K]=O}Yc(m,k,s),l.push(m)}}return l}var jc=typeof queueMicrotask>"u"?e=>Promise.resolve().then(e):queueMicrotask;function Jc(e){let t=e[0],n=t.length,l=Array(n);for(let a=0;a<l.length;a++)l[a]=a;l.sort((a,i)=>t[a]-t[i]);let s=[];for(let a=0;a<e.length;a++){let i=e[a],c=Array(n);for(let d=0;d<n;d++)c[d]=i[l[d]];s.push(c)}return s}function Zc(e){let t=e[0][0],n=t.length;for(let l=1;l<e.length;l++){let s=e[l][0];if(s.length!=n)return!1;if(s!=t){for(let a=0;a<n;a++)if(s[a]!=t[a])return!1}}return!0}function Xc(e,t=100){let n=e.length;if(n<=1)return!0;let l=0,s=n-1;for(;l<=s&&e[l]==null;)l++;for(;s>=l&&e[s]==null;)s--;if(s<=l)return!0;let a=nt(1,ft((s-l+1)/t));for(let i=e[l],c=l+a;c<=s;c+=a){let d=e[c];if(d!=null){if(d<=i)return!1;i=d}}return!0}var ki=["January","February","March","April","May","June","July","August","September","October","November","December"],vi=["Sunday","Monday","Tuesday","Wednesday","Thursday","Friday","Saturday"];function Si(e){return e.slice(0,3)}var eu=vi.map(Si),tu=ki.map(Si),nu={MMMM:ki,MMM:tu,WWWW:vi,WWW:eu};function cl(e){return(e<10?"0":"")+e}function lu(e){return(e<10?"00":e<100?"0":"")+e}var ou={YYYY:e=>e.getFullYear(),YY:e=>(e.getFullYear()+"").slice(2),MMMM:(e,t)=>t.MMMM[e.getMonth()],MMM:(e,t)=>t.MMM[e.getMonth()],MM:e=>cl(e.getMonth()+1),M:e=>e.getMonth()+1,DD:e=>cl(e.getDate()),D:e=>e.getDate(),WWWW:(e,t)=>t.WWWW[e.getDay()],WWW:(e,t)=>t.WWW[e.getDay()],HH:e=>cl(e.getHours()),H:e=>e.getHours(),h:e=>{let t=e.getHours();return t==0?12:t>12?t-12:t},AA:e=>e.getHours()>=12?"PM":"AM",aa:e=>e.getHours()>=12?"pm":"am",a:e=>e.getHours()>=12?"p":"a",mm:e=>cl(e.getMinutes()),m:e=>e.getMinutes(),ss:e=>cl(e.getSeconds()),s:e=>e.getSeconds(),fff:e=>lu(e.getMilliseconds())};function ss(e,t){t=t||nu;let n=[],l=/\{([a-z]+)\}|[^{]+/gi,s;for(;s=l.exec(e);)n.push(s[0][0]=="{"?ou[s[1]]:s[0]);return a=>{let i="";for(let c=0;c<n.length;c++)i+=typeof n[c]=="string"?n[c]:n[c](a,t);return i}}var su=new Intl.DateTimeFormat().resolvedOptions().timeZone;function ru(e,t){let n;return t=="UTC"||t=="Etc/UTC"?n=new Date(+e+e.getTimezoneOffset()*6e4):t==su?n=e:(n=new Date(e.toLocaleString("en-US",{timeZone:t})),n.setMilliseconds(e.getMilliseconds())),n}var Ci=e=>e%1==0,Vl=[1,2,2.5,5],iu=hl(10,-32,0,Vl),xi=hl(10,0,32,Vl),au=xi.filter(Ci),pn=iu.concat(xi),rs=`
`,Ti="{YYYY}",Gr=rs+Ti,Ai="{M}/{D}",fl=rs+Ai,Rl=fl+"/{YY}",Mi="{aa}",cu="{h}:{mm}",Wn=cu+Mi,Ur=rs+Wn,qr=":{ss}",ue=null;function Ei(e){let t=e*1e3,n=t*60,l=n*60,s=l*24,a=s*30,i=s*365,d=(e==1?hl(10,0,3,Vl).filter(Ci):hl(10,-3,0,Vl)).concat([t,t*5,t*10,t*15,t*30,n,n*5,n*10,n*15,n*30,l,l*2,l*3,l*4,l*6,l*8,l*12,s,s*2,s*3,s*4,s*5,s*6,s*7,s*8,s*9,s*10,s*15,a,a*2,a*3,a*4,a*6,i,i*2,i*5,i*10,i*25,i*50,i*100]),f=[[i,Ti,ue,ue,ue,ue,ue,ue,1],[s*28,"{MMM}",Gr,ue,ue,ue,ue,ue,1],[s,Ai,Gr,ue,ue,ue,ue,ue,1],[l,"{h}"+Mi,Rl,ue,fl,ue,ue,ue,1],[n,Wn,Rl,ue,fl,ue,ue,ue,1],[t,qr,Rl+" "+Wn,ue,fl+" "+Wn,ue,Ur,ue,1],[e,qr+".{fff}",Rl+" "+Wn,ue,fl+" "+Wn,ue,Ur,ue,1]];function y(m){return(g,k,v,O,K,B)=>{let C=[],V=K>=i,x=K>=a&&K<i,j=m(v),L=he(j*e,3),J=Ko(j.getFullYear(),V?0:j.getMonth(),x||V?1:j.getDate()),U=he(J*e,3);if(x||V){let ee=x?K/a:0,G=V?K/i:0,T=L==U?L:he(Ko(J.getFullYear()+G,J.getMonth()+ee,1)*e,3),Q=new Date(Re(T/e)),D=Q.getFullYear(),z=Q.getMonth();for(let H=0;T<=O;H++){let ne=Ko(D+G*H,z+ee*H,1),F=ne-m(he(ne*e,3));T=he((+ne+F)*e,3),T<=O&&C.push(T)}}else{let ee=K>=s?s:K,G=ft(v)-ft(L),T=U+G+zl(L-U,ee);C.push(T);let Q=m(T),D=Q.getHours()+Q.getMinutes()/n+Q.getSeconds()/l,z=K/l,H=g.axes[k]._space,ne=B/H;for(;T=he(T+K,e==1?0:3),!(T>O);)if(z>1){let F=ft(he(D+z,6))%24,le=m(T).getHours()-F;le>1&&(le=-1),T-=le*l,D=(D+z)%24;let de=C[C.length-1];he((T-de)/K,3)*ne>=.7&&C.push(T)}else C.push(T)}return C}}return[d,f,y]}var[uu,du,fu]=Ei(1),[pu,mu,hu]=Ei(.001);hl(2,-53,53,[1]);function Yr(e,t){return e.map(n=>n.map((l,s)=>s==0||s==8||l==null?l:t(s==1||n[8]==0?l:n[1]+l)))}function Qr(e,t){return(n,l,s,a,i)=>{let c=t.find(v=>i>=v[0])||t[t.length-1],d,f,y,m,g,k;return l.map(v=>{let O=e(v),K=O.getFullYear(),B=O.getMonth(),C=O.getDate(),V=O.getHours(),x=O.getMinutes(),j=O.getSeconds(),L=K!=d&&c[2]||B!=f&&c[3]||C!=y&&c[4]||V!=m&&c[5]||x!=g&&c[6]||j!=k&&c[7]||c[1];return d=K,f=B,y=C,m=V,g=x,k=j,L(O)})}}function gu(e,t){let n=ss(t);return(l,s,a,i,c)=>s.map(d=>n(e(d)))}function Ko(e,t,n){return new Date(e,t,n)}function jr(e,t){return t(e)}var yu="{YYYY}-{MM}-{DD} {h}:{mm}{aa}";function Jr(e,t){return(n,l,s,a)=>a==null?Xo:t(e(l))}function _u(e,t){let n=e.series[t];return n.width?n.stroke(e,t):n.points.width?n.points.stroke(e,t):null}function wu(e,t){return e.series[t].fill(e,t)}var bu={show:!0,live:!0,isolate:!1,mount:Kc,markers:{show:!0,width:2,stroke:_u,fill:wu,dash:"solid"},idx:null,idxs:null,values:[]};function $u(e,t){let n=e.cursor.points,l=bt(),s=n.size(e,t);$e(l,ul,s),$e(l,dl,s);let a=s/-2;$e(l,"marginLeft",a),$e(l,"marginTop",a);let i=n.width(e,t,s);return i&&$e(l,"borderWidth",i),l}function ku(e,t){let n=e.series[t].points;return n._fill||n._stroke}function vu(e,t){let n=e.series[t].points;return n._stroke||n._fill}function Su(e,t){return e.series[t].points.size}var Vo=[0,0];function Cu(e,t,n){return Vo[0]=t,Vo[1]=n,Vo}function Nl(e,t,n,l=!0){return s=>{s.button==0&&(!l||s.target==t)&&n(s)}}function Wo(e,t,n,l=!0){return s=>{(!l||s.target==t)&&n(s)}}var xu={show:!0,x:!0,y:!0,lock:!1,move:Cu,points:{one:!1,show:$u,size:Su,width:0,stroke:vu,fill:ku},bind:{mousedown:Nl,mouseup:Nl,click:Nl,dblclick:Nl,mousemove:Wo,mouseleave:Wo,mouseenter:Wo},drag:{setScale:!0,x:!0,y:!1,dist:0,uni:null,click:(e,t)=>{t.stopPropagation(),t.stopImmediatePropagation()},_x:!1,_y:!1},focus:{dist:(e,t,n,l,s)=>l-s,prox:-1,bias:0},hover:{skip:[void 0],prox:null,bias:0},left:-10,top:-10,idx:null,dataIdx:null,idxs:null,event:null},Oi={show:!0,stroke:"rgba(0,0,0,0.07)",width:2},is=Oe({},Oi,{filter:yi}),Pi=Oe({},is,{size:10}),Li=Oe({},Oi,{show:!1}),as='12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Segoe UI Symbol", "Noto Color Emoji"',Di="bold "+as,Ri=1.5,Zr={show:!0,scale:"x",stroke:Zo,space:50,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:Di,side:2,grid:is,ticks:Pi,border:Li,font:as,lineGap:Ri,rotate:0},Tu="Value",Au="Time",Xr={show:!0,scale:"x",auto:!1,sorted:1,min:me,max:-me,idxs:[]};function Mu(e,t,n,l,s){return t.map(a=>a==null?"":ls(a))}function Eu(e,t,n,l,s,a,i){let c=[],d=Xt.get(s)||0;n=i?n:he(zl(n,s),d);for(let f=n;f<=l;f=he(f+s,d))c.push(Object.is(f,-0)?0:f);return c}function qo(e,t,n,l,s,a,i){let c=[],d=e.scales[e.axes[t].scale].log,f=d==10?It:mi,y=ft(f(n));s=zn(d,y),d==10&&(s=pn[At(s,pn)]);let m=n,g=s*d;d==10&&(g=pn[At(g,pn)]);do c.push(m),m=m+s,d==10&&!Xt.has(m)&&(m=he(m,Xt.get(s))),m>=g&&(s=m,g=s*d,d==10&&(g=pn[At(g,pn)]));while(m<=l);return c}function Ou(e,t,n,l,s,a,i){let d=e.scales[e.axes[t].scale].asinh,f=l>d?qo(e,t,nt(d,n),l,s):[d],y=l>=0&&n<=0?[0]:[];return(n<-d?qo(e,t,nt(d,-l),-n,s):[d]).reverse().map(g=>-g).concat(y,f)}var Ni=/./,Pu=/[12357]/,Lu=/[125]/,ei=/1/,Yo=(e,t,n,l)=>e.map((s,a)=>t==4&&s==0||a%l==0&&n.test(s.toExponential()[s<0?1:0])?s:null);function Du(e,t,n,l,s){let a=e.axes[n],i=a.scale,c=e.scales[i],d=e.valToPos,f=a._space,y=d(10,i),m=d(9,i)-y>=f?Ni:d(7,i)-y>=f?Pu:d(5,i)-y>=f?Lu:ei;if(m==ei){let g=Ne(d(1,i)-y);if(g<f)return Yo(t.slice().reverse(),c.distr,m,$t(f/g)).reverse()}return Yo(t,c.distr,m,1)}function Ru(e,t,n,l,s){let a=e.axes[n],i=a.scale,c=a._space,d=e.valToPos,f=Ne(d(1,i)-d(2,i));return f<c?Yo(t.slice().reverse(),3,Ni,$t(c/f)).reverse():t}function Nu(e,t,n,l){return l==null?Xo:t==null?"":ls(t)}var ti={show:!0,scale:"y",stroke:Zo,space:30,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:Di,side:3,grid:is,ticks:Pi,border:Li,font:as,lineGap:Ri,rotate:0};function Fu(e,t){let n=3+(e||1)*2;return he(n*t,3)}function Hu(e,t){let{scale:n,idxs:l}=e.series[0],s=e._data[0],a=e.valToPos(s[l[0]],n,!0),i=e.valToPos(s[l[1]],n,!0),c=Ne(i-a),d=e.series[t],f=c/(d.points.space*ie);return l[1]-l[0]<=f}var ni={scale:null,auto:!0,sorted:0,min:me,max:-me},Fi=(e,t,n,l,s)=>s,li={show:!0,auto:!0,sorted:0,gaps:Fi,alpha:1,facets:[Oe({},ni,{scale:"x"}),Oe({},ni,{scale:"y"})]},oi={scale:"y",auto:!0,sorted:0,show:!0,spanGaps:!1,gaps:Fi,alpha:1,points:{show:Hu,filter:null},values:null,min:me,max:-me,idxs:[],path:null,clip:null};function Ku(e,t,n,l,s){return n/10}var Hi={time:!0,auto:!0,distr:1,log:10,asinh:1,min:null,max:null,dir:1,ori:0},Vu=Oe({},Hi,{time:!1,ori:1}),si={};function Ki(e,t){let n=si[e];return n||(n={key:e,plots:[],sub(l){n.plots.push(l)},unsub(l){n.plots=n.plots.filter(s=>s!=l)},pub(l,s,a,i,c,d,f){for(let y=0;y<n.plots.length;y++)n.plots[y]!=s&&n.plots[y].pub(l,s,a,i,c,d,f)}},e!=null&&(si[e]=n)),n}var Un=1,Qo=2;function yn(e,t,n){let l=e.mode,s=e.series[t],a=l==2?e._data[t]:e._data,i=e.scales,c=e.bbox,d=a[0],f=l==2?a[1]:a[t],y=l==2?i[s.facets[0].scale]:i[e.series[0].scale],m=l==2?i[s.facets[1].scale]:i[s.scale],g=c.left,k=c.top,v=c.width,O=c.height,K=e.valToPosH,B=e.valToPosV;return y.ori==0?n(s,d,f,y,m,K,B,g,k,v,O,Ul,Yn,Yl,Wi,zi):n(s,d,f,y,m,B,K,k,g,O,v,ql,Qn,ds,Bi,Ii)}function cs(e,t){let n=0,l=0,s=se(e.bands,os);for(let a=0;a<s.length;a++){let i=s[a];i.series[0]==t?n=i.dir:i.series[1]==t&&(i.dir==1?l|=1:l|=2)}return[n,l==1?-1:l==2?1:l==3?2:0]}function Wu(e,t,n,l,s){let a=e.mode,i=e.series[t],c=a==2?i.facets[1].scale:i.scale,d=e.scales[c];return s==-1?d.min:s==1?d.max:d.distr==3?d.dir==1?d.min:d.max:0}function Gt(e,t,n,l,s,a){return yn(e,t,(i,c,d,f,y,m,g,k,v,O,K)=>{let B=i.pxRound,C=f.dir*(f.ori==0?1:-1),V=f.ori==0?Yn:Qn,x,j;C==1?(x=n,j=l):(x=l,j=n);let L=B(m(c[x],f,O,k)),J=B(g(d[x],y,K,v)),U=B(m(c[j],f,O,k)),ee=B(g(a==1?y.max:y.min,y,K,v)),G=new Path2D(s);return V(G,U,ee),V(G,L,ee),V(G,L,J),G})}function Gl(e,t,n,l,s,a){let i=null;if(e.length>0){i=new Path2D;let c=t==0?Yl:ds,d=n;for(let m=0;m<e.length;m++){let g=e[m];if(g[1]>g[0]){let k=g[0]-d;k>0&&c(i,d,l,k,l+a),d=g[1]}}let f=n+s-d,y=10;f>0&&c(i,d,l-y/2,f,l+a+y)}return i}function Bu(e,t,n){let l=e[e.length-1];l&&l[0]==t?l[1]=n:e.push([t,n])}function us(e,t,n,l,s,a,i){let c=[],d=e.length;for(let f=s==1?n:l;f>=n&&f<=l;f+=s)if(t[f]===null){let m=f,g=f;if(s==1)for(;++f<=l&&t[f]===null;)g=f;else for(;--f>=n&&t[f]===null;)g=f;let k=a(e[m]),v=g==m?k:a(e[g]),O=m-s;k=i<=0&&O>=0&&O<d?a(e[O]):k;let B=g+s;v=i>=0&&B>=0&&B<d?a(e[B]):v,v>=k&&c.push([k,v])}return c}function ri(e){return e==0?gi:e==1?Re:t=>fn(t,e)}function Vi(e){let t=e==0?Ul:ql,n=e==0?(s,a,i,c,d,f)=>{s.arcTo(a,i,c,d,f)}:(s,a,i,c,d,f)=>{s.arcTo(i,a,d,c,f)},l=e==0?(s,a,i,c,d)=>{s.rect(a,i,c,d)}:(s,a,i,c,d)=>{s.rect(i,a,d,c)};return(s,a,i,c,d,f=0,y=0)=>{f==0&&y==0?l(s,a,i,c,d):(f=Mt(f,c/2,d/2),y=Mt(y,c/2,d/2),t(s,a+f,i),n(s,a+c,i,a+c,i+d,f),n(s,a+c,i+d,a,i+d,y),n(s,a,i+d,a,i,y),n(s,a,i,a+c,i,f),s.closePath())}}var Ul=(e,t,n)=>{e.moveTo(t,n)},ql=(e,t,n)=>{e.moveTo(n,t)},Yn=(e,t,n)=>{e.lineTo(t,n)},Qn=(e,t,n)=>{e.lineTo(n,t)},Yl=Vi(0),ds=Vi(1),Wi=(e,t,n,l,s,a)=>{e.arc(t,n,l,s,a)},Bi=(e,t,n,l,s,a)=>{e.arc(n,t,l,s,a)},zi=(e,t,n,l,s,a,i)=>{e.bezierCurveTo(t,n,l,s,a,i)},Ii=(e,t,n,l,s,a,i)=>{e.bezierCurveTo(n,t,s,l,i,a)};function Gi(e){return(t,n,l,s,a)=>yn(t,n,(i,c,d,f,y,m,g,k,v,O,K)=>{let{pxRound:B,points:C}=i,V,x;f.ori==0?(V=Ul,x=Wi):(V=ql,x=Bi);let j=he(C.width*ie,3),L=(C.size-C.width)/2*ie,J=he(L*2,3),U=new Path2D,ee=new Path2D,{left:G,top:T,width:Q,height:D}=t.bbox;Yl(ee,G-J,T-J,Q+J*2,D+J*2);let z=H=>{if(d[H]!=null){let ne=B(m(c[H],f,O,k)),F=B(g(d[H],y,K,v));V(U,ne+L,F),x(U,ne,F,L,0,Fl*2)}};if(a)a.forEach(z);else for(let H=l;H<=s;H++)z(H);return{stroke:j>0?U:null,fill:U,clip:ee,flags:Un|Qo}})}function Ui(e){return(t,n,l,s,a,i)=>{l!=s&&(a!=l&&i!=l&&e(t,n,l),a!=s&&i!=s&&e(t,n,s),e(t,n,i))}}var zu=Ui(Yn),Iu=Ui(Qn);function qi(e){let t=se(e?.alignGaps,0);return(n,l,s,a)=>yn(n,l,(i,c,d,f,y,m,g,k,v,O,K)=>{[s,a]=Wl(d,s,a);let B=i.pxRound,C=D=>B(m(D,f,O,k)),V=D=>B(g(D,y,K,v)),x,j;f.ori==0?(x=Yn,j=zu):(x=Qn,j=Iu);let L=f.dir*(f.ori==0?1:-1),J={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:Un},U=J.stroke,ee=!1;if(a-s>=O*4){let D=R=>n.posToVal(R,f.key,!0),z=null,H=null,ne,F,lt,ke=C(c[L==1?s:a]),le=C(c[s]),de=C(c[a]),Z=D(L==1?le+1:de-1);for(let R=L==1?s:a;R>=s&&R<=a;R+=L){let Pe=c[R],ve=(L==1?Pe<Z:Pe>Z)?ke:C(Pe),ae=d[R];ve==ke?ae!=null?(F=ae,z==null?(x(U,ve,V(F)),ne=z=H=F):F<z?z=F:F>H&&(H=F)):ae===null&&(ee=!0):(z!=null&&j(U,ke,V(z),V(H),V(ne),V(F)),ae!=null?(F=ae,x(U,ve,V(F)),z=H=ne=F):(z=H=null,ae===null&&(ee=!0)),ke=ve,Z=D(ke+L))}z!=null&&z!=H&&lt!=ke&&j(U,ke,V(z),V(H),V(ne),V(F))}else for(let D=L==1?s:a;D>=s&&D<=a;D+=L){let z=d[D];z===null?ee=!0:z!=null&&x(U,C(c[D]),V(z))}let[T,Q]=cs(n,l);if(i.fill!=null||T!=0){let D=J.fill=new Path2D(U),z=i.fillTo(n,l,i.min,i.max,T),H=V(z),ne=C(c[s]),F=C(c[a]);L==-1&&([F,ne]=[ne,F]),x(D,F,H),x(D,ne,H)}if(!i.spanGaps){let D=[];ee&&D.push(...us(c,d,s,a,L,C,t)),J.gaps=D=i.gaps(n,l,s,a,D),J.clip=Gl(D,f.ori,k,v,O,K)}return Q!=0&&(J.band=Q==2?[Gt(n,l,s,a,U,-1),Gt(n,l,s,a,U,1)]:Gt(n,l,s,a,U,Q)),J})}function Gu(e){let t=se(e.align,1),n=se(e.ascDesc,!1),l=se(e.alignGaps,0),s=se(e.extend,!1);return(a,i,c,d)=>yn(a,i,(f,y,m,g,k,v,O,K,B,C,V)=>{[c,d]=Wl(m,c,d);let x=f.pxRound,{left:j,width:L}=a.bbox,J=le=>x(v(le,g,C,K)),U=le=>x(O(le,k,V,B)),ee=g.ori==0?Yn:Qn,G={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:Un},T=G.stroke,Q=g.dir*(g.ori==0?1:-1),D=U(m[Q==1?c:d]),z=J(y[Q==1?c:d]),H=z,ne=z;s&&t==-1&&(ne=j,ee(T,ne,D)),ee(T,z,D);for(let le=Q==1?c:d;le>=c&&le<=d;le+=Q){let de=m[le];if(de==null)continue;let Z=J(y[le]),R=U(de);t==1?ee(T,Z,D):ee(T,H,R),ee(T,Z,R),D=R,H=Z}let F=H;s&&t==1&&(F=j+L,ee(T,F,D));let[lt,ke]=cs(a,i);if(f.fill!=null||lt!=0){let le=G.fill=new Path2D(T),de=f.fillTo(a,i,f.min,f.max,lt),Z=U(de);ee(le,F,Z),ee(le,ne,Z)}if(!f.spanGaps){let le=[];le.push(...us(y,m,c,d,Q,J,l));let de=f.width*ie/2,Z=n||t==1?de:-de,R=n||t==-1?-de:de;le.forEach(Pe=>{Pe[0]+=Z,Pe[1]+=R}),G.gaps=le=f.gaps(a,i,c,d,le),G.clip=Gl(le,g.ori,K,B,C,V)}return ke!=0&&(G.band=ke==2?[Gt(a,i,c,d,T,-1),Gt(a,i,c,d,T,1)]:Gt(a,i,c,d,T,ke)),G})}function ii(e,t,n,l,s,a,i=me){if(e.length>1){let c=null;for(let d=0,f=1/0;d<e.length;d++)if(t[d]!==void 0){if(c!=null){let y=Ne(e[d]-e[c]);y<f&&(f=y,i=Ne(n(e[d],l,s,a)-n(e[c],l,s,a)))}c=d}}return i}function Uu(e){e=e||ml;let t=se(e.size,[.6,me,1]),n=e.align||0,l=e.gap||0,s=e.radius;s=s==null?[0,0]:typeof s=="number"?[s,0]:s;let a=te(s),i=1-t[0],c=se(t[1],me),d=se(t[2],1),f=se(e.disp,ml),y=se(e.each,k=>{}),{fill:m,stroke:g}=f;return(k,v,O,K)=>yn(k,v,(B,C,V,x,j,L,J,U,ee,G,T)=>{let Q=B.pxRound,D=n,z=l*ie,H=c*ie,ne=d*ie,F,lt;x.ori==0?[F,lt]=a(k,v):[lt,F]=a(k,v);let ke=x.dir*(x.ori==0?1:-1),le=x.ori==0?Yl:ds,de=x.ori==0?y:(E,ge,Le,$n,nn,Pt,ln)=>{y(E,ge,Le,nn,$n,ln,Pt)},Z=se(k.bands,os).find(E=>E.series[0]==v),R=Z!=null?Z.dir:0,Pe=B.fillTo(k,v,B.min,B.max,R),Qe=Q(J(Pe,j,T,ee)),ve,ae,kt,rt=G,Ce=Q(B.width*ie),Ot=!1,Wt=null,mt=null,Ut=null,_n=null;m!=null&&(Ce==0||g!=null)&&(Ot=!0,Wt=m.values(k,v,O,K),mt=new Map,new Set(Wt).forEach(E=>{E!=null&&mt.set(E,new Path2D)}),Ce>0&&(Ut=g.values(k,v,O,K),_n=new Map,new Set(Ut).forEach(E=>{E!=null&&_n.set(E,new Path2D)})));let{x0:wn,size:Jn}=f;if(wn!=null&&Jn!=null){D=1,C=wn.values(k,v,O,K),wn.unit==2&&(C=C.map(Le=>k.posToVal(U+Le*G,x.key,!0)));let E=Jn.values(k,v,O,K);Jn.unit==2?ae=E[0]*G:ae=L(E[0],x,G,U)-L(0,x,G,U),rt=ii(C,V,L,x,G,U,rt),kt=rt-ae+z}else rt=ii(C,V,L,x,G,U,rt),kt=rt*i+z,ae=rt-kt;kt<1&&(kt=0),Ce>=ae/2&&(Ce=0),kt<5&&(Q=gi);let _l=kt>0,en=rt-kt-(_l?Ce:0);ae=Q(Uo(en,ne,H)),ve=(D==0?ae/2:D==ke?0:ae)-D*ke*((D==0?z/2:0)+(_l?Ce/2:0));let je={stroke:null,fill:null,clip:null,band:null,gaps:null,flags:0},bn=Ot?null:new Path2D,Bt=null;if(Z!=null)Bt=k.data[Z.series[1]];else{let{y0:E,y1:ge}=f;E!=null&&ge!=null&&(V=ge.values(k,v,O,K),Bt=E.values(k,v,O,K))}let tn=F*ae,Y=lt*ae;for(let E=ke==1?O:K;E>=O&&E<=K;E+=ke){let ge=V[E];if(ge==null)continue;if(Bt!=null){let ot=Bt[E]??0;if(ge-ot==0)continue;Qe=J(ot,j,T,ee)}let Le=x.distr!=2||f!=null?C[E]:E,$n=L(Le,x,G,U),nn=J(se(ge,Pe),j,T,ee),Pt=Q($n-ve),ln=Q(nt(nn,Qe)),it=Q(Mt(nn,Qe)),ht=ln-it;if(ge!=null){let ot=ge<0?Y:tn,vt=ge<0?tn:Y;Ot?(Ce>0&&Ut[E]!=null&&le(_n.get(Ut[E]),Pt,it+ft(Ce/2),ae,nt(0,ht-Ce),ot,vt),Wt[E]!=null&&le(mt.get(Wt[E]),Pt,it+ft(Ce/2),ae,nt(0,ht-Ce),ot,vt)):le(bn,Pt,it+ft(Ce/2),ae,nt(0,ht-Ce),ot,vt),de(k,v,E,Pt-Ce/2,it,ae+Ce,ht)}}return Ce>0?je.stroke=Ot?_n:bn:Ot||(je._fill=B.width==0?B._fill:B._stroke??B._fill,je.width=0),je.fill=Ot?mt:bn,je})}function qu(e,t){let n=se(t?.alignGaps,0);return(l,s,a,i)=>yn(l,s,(c,d,f,y,m,g,k,v,O,K,B)=>{[a,i]=Wl(f,a,i);let C=c.pxRound,V=F=>C(g(F,y,K,v)),x=F=>C(k(F,m,B,O)),j,L,J;y.ori==0?(j=Ul,J=Yn,L=zi):(j=ql,J=Qn,L=Ii);let U=y.dir*(y.ori==0?1:-1),ee=V(d[U==1?a:i]),G=ee,T=[],Q=[];for(let F=U==1?a:i;F>=a&&F<=i;F+=U)if(f[F]!=null){let ke=d[F],le=V(ke);T.push(G=le),Q.push(x(f[F]))}let D={stroke:e(T,Q,j,J,L,C),fill:null,clip:null,band:null,gaps:null,flags:Un},z=D.stroke,[H,ne]=cs(l,s);if(c.fill!=null||H!=0){let F=D.fill=new Path2D(z),lt=c.fillTo(l,s,c.min,c.max,H),ke=x(lt);J(F,G,ke),J(F,ee,ke)}if(!c.spanGaps){let F=[];F.push(...us(d,f,a,i,U,V,n)),D.gaps=F=c.gaps(l,s,a,i,F),D.clip=Gl(F,y.ori,v,O,K,B)}return ne!=0&&(D.band=ne==2?[Gt(l,s,a,i,z,-1),Gt(l,s,a,i,z,1)]:Gt(l,s,a,i,z,ne)),D})}function Yu(e){return qu(Qu,e)}function Qu(e,t,n,l,s,a){let i=e.length;if(i<2)return null;let c=new Path2D;if(n(c,e[0],t[0]),i==2)l(c,e[1],t[1]);else{let d=Array(i),f=Array(i-1),y=Array(i-1),m=Array(i-1);for(let g=0;g<i-1;g++)y[g]=t[g+1]-t[g],m[g]=e[g+1]-e[g],f[g]=y[g]/m[g];d[0]=f[0];for(let g=1;g<i-1;g++)f[g]===0||f[g-1]===0||f[g-1]>0!=f[g]>0?d[g]=0:(d[g]=3*(m[g-1]+m[g])/((2*m[g]+m[g-1])/f[g-1]+(m[g]+2*m[g-1])/f[g]),isFinite(d[g])||(d[g]=0));d[i-1]=f[i-2];for(let g=0;g<i-1;g++)s(c,e[g]+m[g]/3,t[g]+d[g]*m[g]/3,e[g+1]-m[g]/3,t[g+1]-d[g+1]*m[g]/3,e[g+1],t[g+1])}return c}var jo=new Set;function ai(){for(let e of jo)e.syncRect(!0)}qn&&(hn(Mc,Bn,ai),hn(Ec,Bn,ai,!0),hn(Hl,Bn,()=>{Ye.pxRatio=ie}));var ju=qi(),Ju=Gi();function ci(e,t,n,l){return(l?[e[0],e[1]].concat(e.slice(2)):[e[0]].concat(e.slice(1))).map((a,i)=>Jo(a,i,t,n))}function Zu(e,t){return e.map((n,l)=>l==0?{}:Oe({},t,n))}function Jo(e,t,n,l){return Oe({},t==0?n:l,e)}function Yi(e,t,n){return t==null?In:[t,n]}var Xu=Yi;function ed(e,t,n){return t==null?In:Kl(t,n,ns,!0)}function Qi(e,t,n,l){return t==null?In:Bl(t,n,e.scales[l].log,!1)}var td=Qi;function ji(e,t,n,l){return t==null?In:ts(t,n,e.scales[l].log,!1)}var nd=ji;function ld(e,t,n,l,s){let a=nt(Wr(e),Wr(t)),i=t-e,c=At(s/l*i,n);do{let d=n[c],f=l*d/i;if(f>=s&&a+(d<5?Xt.get(d):0)<=17)return[d,f]}while(++c<n.length);return[0,0]}function ui(e){let t,n;return e=e.replace(/(\d+)px/,(l,s)=>(t=Re((n=+s)*ie))+"px"),[e,t,n]}function od(e){e.show&&[e.font,e.labelFont].forEach(t=>{let n=he(t[2]*ie,1);t[0]=t[0].replace(/[0-9.]+px/,n+"px"),t[1]=n})}function Ye(e,t,n){let l={mode:se(e.mode,1)},s=l.mode;function a(o,r,u,p){let h=r.valToPct(o);return p+u*(r.dir==-1?1-h:h)}function i(o,r,u,p){let h=r.valToPct(o);return p+u*(r.dir==-1?h:1-h)}function c(o,r,u,p){return r.ori==0?a(o,r,u,p):i(o,r,u,p)}l.valToPosH=a,l.valToPosV=i;let d=!1;l.status=0;let f=l.root=bt(dc);if(e.id!=null&&(f.id=e.id),dt(f,e.class),e.title){let o=bt(mc,f);o.textContent=e.title}let y=Tt("canvas"),m=l.ctx=y.getContext("2d"),g=bt(hc,f);hn("click",g,o=>{o.target===v&&(_e!=Pn||Se!=Ln)&&Ge.click(l,o)},!0);let k=l.under=bt(gc,g);g.appendChild(y);let v=l.over=bt(yc,g);e=Gn(e);let O=+se(e.pxAlign,1),K=ri(O);(e.plugins||[]).forEach(o=>{o.opts&&(e=o.opts(l,e)||e)});let B=e.ms||.001,C=l.series=s==1?ci(e.series||[],Xr,oi,!1):Zu(e.series||[null],li),V=l.axes=ci(e.axes||[],Zr,ti,!0),x=l.scales={},j=l.bands=e.bands||[];j.forEach(o=>{o.fill=te(o.fill||null),o.dir=se(o.dir,-1)});let L=s==2?C[1].facets[0].scale:C[0].scale,J={axes:Pa,series:Ta},U=(e.drawOrder||["axes","series"]).map(o=>J[o]);function ee(o){let r=o.distr==3?u=>It(u>0?u:o.clamp(l,u,o.min,o.max,o.key)):o.distr==4?u=>Ho(u,o.asinh):o.distr==100?u=>o.fwd(u):u=>u;return u=>{let p=r(u),{_min:h,_max:_}=o,b=_-h;return(p-h)/b}}function G(o){let r=x[o];if(r==null){let u=(e.scales||ml)[o]||ml;if(u.from!=null){G(u.from);let p=Oe({},x[u.from],u,{key:o});p.valToPct=ee(p),x[o]=p}else{r=x[o]=Oe({},o==L?Hi:Vu,u),r.key=o;let p=r.time,h=r.range,_=Zt(h);if((o!=L||s==2&&!p)&&(_&&(h[0]==null||h[1]==null)&&(h={min:h[0]==null?Hr:{mode:1,hard:h[0],soft:h[0]},max:h[1]==null?Hr:{mode:1,hard:h[1],soft:h[1]}},_=!1),!_&&Il(h))){let b=h;h=($,S,A)=>S==null?In:Kl(S,A,b)}r.range=te(h||(p?Xu:o==L?r.distr==3?td:r.distr==4?nd:Yi:r.distr==3?Qi:r.distr==4?ji:ed)),r.auto=te(_?!1:r.auto),r.clamp=te(r.clamp||Ku),r._min=r._max=null,r.valToPct=ee(r)}}}G("x"),G("y"),s==1&&C.forEach(o=>{G(o.scale)}),V.forEach(o=>{G(o.scale)});for(let o in e.scales)G(o);let T=x[L],Q=T.distr,D,z;T.ori==0?(dt(f,fc),D=a,z=i):(dt(f,pc),D=i,z=a);let H={};for(let o in x){let r=x[o];(r.min!=null||r.max!=null)&&(H[o]={min:r.min,max:r.max},r.min=r.max=null)}let ne=e.tzDate||(o=>new Date(Re(o/B))),F=e.fmtDate||ss,lt=B==1?fu(ne):hu(ne),ke=Qr(ne,Yr(B==1?du:mu,F)),le=Jr(ne,jr(yu,F)),de=[],Z=l.legend=Oe({},bu,e.legend),R=l.cursor=Oe({},xu,{drag:{y:s==2}},e.cursor),Pe=Z.show,Qe=R.show,ve=Z.markers;Z.idxs=de,ve.width=te(ve.width),ve.dash=te(ve.dash),ve.stroke=te(ve.stroke),ve.fill=te(ve.fill);let ae,kt,rt,Ce=[],Ot=[],Wt,mt=!1,Ut={};if(Z.live){let o=C[1]?C[1].values:null;mt=o!=null,Wt=mt?o(l,1,0):{_:0};for(let r in Wt)Ut[r]=Xo}if(Pe)if(ae=Tt("table",vc,f),rt=Tt("tbody",null,ae),Z.mount(l,ae),mt){kt=Tt("thead",null,ae,rt);let o=Tt("tr",null,kt);Tt("th",null,o);for(var _n in Wt)Tt("th",Cr,o).textContent=_n}else dt(ae,Cc),Z.live&&dt(ae,Sc);let wn={show:!0},Jn={show:!1};function _l(o,r){if(r==0&&(mt||!Z.live||s==2))return In;let u=[],p=Tt("tr",xc,rt,rt.childNodes[r]);dt(p,o.class),o.show||dt(p,mn);let h=Tt("th",null,p);if(ve.show){let $=bt(Tc,h);if(r>0){let S=ve.width(l,r);S&&($.style.border=S+"px "+ve.dash(l,r)+" "+ve.stroke(l,r)),$.style.background=ve.fill(l,r)}}let _=bt(Cr,h);o.label instanceof HTMLElement?_.appendChild(o.label):_.textContent=o.label,r>0&&(ve.show||(_.style.color=o.width>0?ve.stroke(l,r):ve.fill(l,r)),je("click",h,$=>{if(R._lock)return;sn($);let S=C.indexOf(o);if(($.ctrlKey||$.metaKey)!=Z.isolate){let A=C.some((M,P)=>P>0&&P!=S&&M.show);C.forEach((M,P)=>{P>0&&Dt(P,A?P==S?wn:Jn:wn,!0,Me.setSeries)})}else Dt(S,{show:!o.show},!0,Me.setSeries)},!1),vn&&je(Mr,h,$=>{R._lock||(sn($),Dt(C.indexOf(o),Rn,!0,Me.setSeries))},!1));for(var b in Wt){let $=Tt("td",Ac,p);$.textContent="--",u.push($)}return[p,u]}let en=new Map;function je(o,r,u,p=!0){let h=en.get(r)||{},_=R.bind[o](l,r,u,p);_&&(hn(o,r,h[o]=_),en.set(r,h))}function bn(o,r,u){let p=en.get(r)||{};for(let h in p)(o==null||h==o)&&(Go(h,r,p[h]),delete p[h]);o==null&&en.delete(r)}let Bt=0,tn=0,Y=0,E=0,ge=0,Le=0,$n=ge,nn=Le,Pt=Y,ln=E,it=0,ht=0,ot=0,vt=0;l.bbox={};let no=!1,wl=!1,kn=!1,on=!1,bl=!1,gt=!1;function lo(o,r,u){(u||o!=l.width||r!=l.height)&&fs(o,r),An(!1),kn=!0,wl=!0,Mn()}function fs(o,r){l.width=Bt=Y=o,l.height=tn=E=r,ge=Le=0,ba(),$a();let u=l.bbox;it=u.left=fn(ge*ie,.5),ht=u.top=fn(Le*ie,.5),ot=u.width=fn(Y*ie,.5),vt=u.height=fn(E*ie,.5)}let ya=3;function _a(){let o=!1,r=0;for(;!o;){r++;let u=Ea(r),p=Oa(r);o=r==ya||u&&p,o||(fs(l.width,l.height),wl=!0)}}function wa({width:o,height:r}){lo(o,r)}l.setSize=wa;function ba(){let o=!1,r=!1,u=!1,p=!1;V.forEach((h,_)=>{if(h.show&&h._show){let{side:b,_size:$}=h,S=b%2,A=h.label!=null?h.labelSize:0,M=$+A;M>0&&(S?(Y-=M,b==3?(ge+=M,p=!0):u=!0):(E-=M,b==0?(Le+=M,o=!0):r=!0))}}),rn[0]=o,rn[1]=u,rn[2]=r,rn[3]=p,Y-=qt[1]+qt[3],ge+=qt[3],E-=qt[2]+qt[0],Le+=qt[0]}function $a(){let o=ge+Y,r=Le+E,u=ge,p=Le;function h(_,b){switch(_){case 1:return o+=b,o-b;case 2:return r+=b,r-b;case 3:return u-=b,u+b;case 0:return p-=b,p+b}}V.forEach((_,b)=>{if(_.show&&_._show){let $=_.side;_._pos=h($,_._size),_.label!=null&&(_._lpos=h($,_.labelSize))}})}if(R.dataIdx==null){let o=R.hover,r=o.skip=new Set(o.skip??[]);r.add(void 0);let u=o.prox=te(o.prox),p=o.bias??=0;R.dataIdx=(h,_,b,$)=>{if(_==0)return b;let S=b,A=u(h,_,b,$)??me,M=A>=0&&A<me,P=T.ori==0?Y:E,I=R.left,re=t[0],oe=t[_];if(r.has(oe[b])){S=null;let X=null,W=null,N;if(p==0||p==-1)for(N=b;X==null&&N-- >0;)r.has(oe[N])||(X=N);if(p==0||p==1)for(N=b;W==null&&N++<oe.length;)r.has(oe[N])||(W=N);if(X!=null||W!=null)if(M){let be=X==null?-1/0:D(re[X],T,P,0),Te=W==null?1/0:D(re[W],T,P,0),Be=I-be,fe=Te-I;Be<=fe?Be<=A&&(S=X):fe<=A&&(S=W)}else S=W==null?X:X==null?W:b-X<=W-b?X:W}else M&&Ne(I-D(re[b],T,P,0))>A&&(S=null);return S}}let sn=o=>{R.event=o};R.idxs=de,R._lock=!1;let qe=R.points;qe.show=te(qe.show),qe.size=te(qe.size),qe.stroke=te(qe.stroke),qe.width=te(qe.width),qe.fill=te(qe.fill);let Lt=l.focus=Oe({},e.focus||{alpha:.3},R.focus),vn=Lt.prox>=0,Sn=vn&&qe.one,yt=[],Cn=[],xn=[];function ps(o,r){let u=qe.show(l,r);if(u instanceof HTMLElement)return dt(u,kc),dt(u,o.class),Vt(u,-10,-10,Y,E),v.insertBefore(u,yt[r]),u}function ms(o,r){if(s==1||r>0){let u=s==1&&x[o.scale].time,p=o.value;o.value=u?Ir(p)?Jr(ne,jr(p,F)):p||le:p||Nu,o.label=o.label||(u?Au:Tu)}if(Sn||r>0){o.width=o.width==null?1:o.width,o.paths=o.paths||ju||Vc,o.fillTo=te(o.fillTo||Wu),o.pxAlign=+se(o.pxAlign,O),o.pxRound=ri(o.pxAlign),o.stroke=te(o.stroke||null),o.fill=te(o.fill||null),o._stroke=o._fill=o._paths=o._focus=null;let u=Fu(nt(1,o.width),1),p=o.points=Oe({},{size:u,width:nt(1,u*.2),stroke:o.stroke,space:u*2,paths:Ju,_stroke:null,_fill:null},o.points);p.show=te(p.show),p.filter=te(p.filter),p.fill=te(p.fill),p.stroke=te(p.stroke),p.paths=te(p.paths),p.pxAlign=o.pxAlign}if(Pe){let u=_l(o,r);Ce.splice(r,0,u[0]),Ot.splice(r,0,u[1]),Z.values.push(null)}if(Qe){de.splice(r,0,null);let u=null;Sn?r==0&&(u=ps(o,r)):r>0&&(u=ps(o,r)),yt.splice(r,0,u),Cn.splice(r,0,0),xn.splice(r,0,0)}We("addSeries",r)}function ka(o,r){r=r??C.length,o=s==1?Jo(o,r,Xr,oi):Jo(o,r,{},li),C.splice(r,0,o),ms(C[r],r)}l.addSeries=ka;function va(o){if(C.splice(o,1),Pe){Z.values.splice(o,1),Ot.splice(o,1);let r=Ce.splice(o,1)[0];bn(null,r.firstChild),r.remove()}Qe&&(de.splice(o,1),yt.splice(o,1)[0].remove(),Cn.splice(o,1),xn.splice(o,1)),We("delSeries",o)}l.delSeries=va;let rn=[!1,!1,!1,!1];function Sa(o,r){if(o._show=o.show,o.show){let u=o.side%2,p=x[o.scale];p==null&&(o.scale=u?C[1].scale:L,p=x[o.scale]);let h=p.time;o.size=te(o.size),o.space=te(o.space),o.rotate=te(o.rotate),Zt(o.incrs)&&o.incrs.forEach(b=>{!Xt.has(b)&&Xt.set(b,wi(b))}),o.incrs=te(o.incrs||(p.distr==2?au:h?B==1?uu:pu:pn)),o.splits=te(o.splits||(h&&p.distr==1?lt:p.distr==3?qo:p.distr==4?Ou:Eu)),o.stroke=te(o.stroke),o.grid.stroke=te(o.grid.stroke),o.ticks.stroke=te(o.ticks.stroke),o.border.stroke=te(o.border.stroke);let _=o.values;o.values=Zt(_)&&!Zt(_[0])?te(_):h?Zt(_)?Qr(ne,Yr(_,F)):Ir(_)?gu(ne,_):_||ke:_||Mu,o.filter=te(o.filter||(p.distr>=3&&p.log==10?Du:p.distr==3&&p.log==2?Ru:yi)),o.font=ui(o.font),o.labelFont=ui(o.labelFont),o._size=o.size(l,null,r,0),o._space=o._rotate=o._incrs=o._found=o._splits=o._values=null,o._size>0&&(rn[r]=!0,o._el=bt(_c,g))}}function Zn(o,r,u,p){let[h,_,b,$]=u,S=r%2,A=0;return S==0&&($||_)&&(A=r==0&&!h||r==2&&!b?Re(Zr.size/3):0),S==1&&(h||b)&&(A=r==1&&!_||r==3&&!$?Re(ti.size/2):0),A}let hs=l.padding=(e.padding||[Zn,Zn,Zn,Zn]).map(o=>te(se(o,Zn))),qt=l._padding=hs.map((o,r)=>o(l,r,rn,0)),Ie,Fe=null,He=null,$l=s==1?C[0].idxs:null,St=null,Xn=!1;function gs(o,r){if(t=o??[],l.data=l._data=t,s==2){Ie=0;for(let u=1;u<C.length;u++)Ie+=t[u][0].length}else{t.length==0&&(l.data=l._data=t=[[]]),St=t[0],Ie=St.length;let u=t;if(Q==2){u=t.slice();let p=u[0]=Array(Ie);for(let h=0;h<Ie;h++)p[h]=h}l._data=t=u}if(An(!0),We("setData"),Q==2&&(kn=!0),r!==!1){let u=T;u.auto(l,Xn)?oo():Qt(L,u.min,u.max),on=on||R.left>=0,gt=!0,Mn()}}l.setData=gs;function oo(){Xn=!0;let o,r;s==1&&(Ie>0?(Fe=$l[0]=0,He=$l[1]=Ie-1,o=t[0][Fe],r=t[0][He],Q==2?(o=Fe,r=He):o==r&&(Q==3?[o,r]=Bl(o,o,T.log,!1):Q==4?[o,r]=ts(o,o,T.log,!1):T.time?r=o+Re(86400/B):[o,r]=Kl(o,r,ns,!0))):(Fe=$l[0]=o=null,He=$l[1]=r=null)),Qt(L,o,r)}let kl,Tn,so,ro,io,ao,co,uo,fo,st;function ys(o,r,u,p,h,_){o??=Tr,u??=os,p??="butt",h??=Tr,_??="round",o!=kl&&(m.strokeStyle=kl=o),h!=Tn&&(m.fillStyle=Tn=h),r!=so&&(m.lineWidth=so=r),_!=io&&(m.lineJoin=io=_),p!=ao&&(m.lineCap=ao=p),u!=ro&&m.setLineDash(ro=u)}function _s(o,r,u,p){r!=Tn&&(m.fillStyle=Tn=r),o!=co&&(m.font=co=o),u!=uo&&(m.textAlign=uo=u),p!=fo&&(m.textBaseline=fo=p)}function po(o,r,u,p,h=0){if(p.length>0&&o.auto(l,Xn)&&(r==null||r.min==null)){let _=se(Fe,0),b=se(He,p.length-1),$=u.min==null?Dc(p,_,b,h,o.distr==3):[u.min,u.max];o.min=Mt(o.min,u.min=$[0]),o.max=nt(o.max,u.max=$[1])}}let ws={min:null,max:null};function Ca(){for(let p in x){let h=x[p];H[p]==null&&(h.min==null||H[L]!=null&&h.auto(l,Xn))&&(H[p]=ws)}for(let p in x){let h=x[p];H[p]==null&&h.from!=null&&H[h.from]!=null&&(H[p]=ws)}H[L]!=null&&An(!0);let o={};for(let p in H){let h=H[p];if(h!=null){let _=o[p]=Gn(x[p],zc);if(h.min!=null)Oe(_,h);else if(p!=L||s==2)if(Ie==0&&_.from==null){let b=_.range(l,null,null,p);_.min=b[0],_.max=b[1]}else _.min=me,_.max=-me}}if(Ie>0){C.forEach((p,h)=>{if(s==1){let _=p.scale,b=H[_];if(b==null)return;let $=o[_];if(h==0){let S=$.range(l,$.min,$.max,_);$.min=S[0],$.max=S[1],Fe=At($.min,t[0]),He=At($.max,t[0]),He-Fe>1&&(t[0][Fe]<$.min&&Fe++,t[0][He]>$.max&&He--),p.min=St[Fe],p.max=St[He]}else p.show&&p.auto&&po($,b,p,t[h],p.sorted);p.idxs[0]=Fe,p.idxs[1]=He}else if(h>0&&p.show&&p.auto){let[_,b]=p.facets,$=_.scale,S=b.scale,[A,M]=t[h],P=o[$],I=o[S];P!=null&&po(P,H[$],_,A,_.sorted),I!=null&&po(I,H[S],b,M,b.sorted),p.min=b.min,p.max=b.max}});for(let p in o){let h=o[p],_=H[p];if(h.from==null&&(_==null||_.min==null)){let b=h.range(l,h.min==me?null:h.min,h.max==-me?null:h.max,p);h.min=b[0],h.max=b[1]}}}for(let p in o){let h=o[p];if(h.from!=null){let _=o[h.from];if(_.min==null)h.min=h.max=null;else{let b=h.range(l,_.min,_.max,p);h.min=b[0],h.max=b[1]}}}let r={},u=!1;for(let p in o){let h=o[p],_=x[p];if(_.min!=h.min||_.max!=h.max){_.min=h.min,_.max=h.max;let b=_.distr;_._min=b==3?It(_.min):b==4?Ho(_.min,_.asinh):b==100?_.fwd(_.min):_.min,_._max=b==3?It(_.max):b==4?Ho(_.max,_.asinh):b==100?_.fwd(_.max):_.max,r[p]=u=!0}}if(u){C.forEach((p,h)=>{s==2?h>0&&r.y&&(p._paths=null):r[p.scale]&&(p._paths=null)});for(let p in r)kn=!0,We("setScale",p);Qe&&R.left>=0&&(on=gt=!0)}for(let p in H)H[p]=null}function xa(o){let r=Uo(Fe-1,0,Ie-1),u=Uo(He+1,0,Ie-1);for(;o[r]==null&&r>0;)r--;for(;o[u]==null&&u<Ie-1;)u++;return[r,u]}function Ta(){if(Ie>0){let o=C.some(r=>r._focus)&&st!=Lt.alpha;o&&(m.globalAlpha=st=Lt.alpha),C.forEach((r,u)=>{if(u>0&&r.show&&(bs(u,!1),bs(u,!0),r._paths==null)){let p=st;st!=r.alpha&&(m.globalAlpha=st=r.alpha);let h=s==2?[0,t[u][0].length-1]:xa(t[u]);r._paths=r.paths(l,u,h[0],h[1]),st!=p&&(m.globalAlpha=st=p)}}),C.forEach((r,u)=>{if(u>0&&r.show){let p=st;st!=r.alpha&&(m.globalAlpha=st=r.alpha),r._paths!=null&&$s(u,!1);{let h=r._paths!=null?r._paths.gaps:null,_=r.points.show(l,u,Fe,He,h),b=r.points.filter(l,u,_,h);(_||b)&&(r.points._paths=r.points.paths(l,u,Fe,He,b),$s(u,!0))}st!=p&&(m.globalAlpha=st=p),We("drawSeries",u)}}),o&&(m.globalAlpha=st=1)}}function bs(o,r){let u=r?C[o].points:C[o];u._stroke=u.stroke(l,o),u._fill=u.fill(l,o)}function $s(o,r){let u=r?C[o].points:C[o],{stroke:p,fill:h,clip:_,flags:b,_stroke:$=u._stroke,_fill:S=u._fill,_width:A=u.width}=u._paths;A=he(A*ie,3);let M=null,P=A%2/2;r&&S==null&&(S=A>0?"#fff":$);let I=u.pxAlign==1&&P>0;if(I&&m.translate(P,P),!r){let re=it-A/2,oe=ht-A/2,X=ot+A,W=vt+A;M=new Path2D,M.rect(re,oe,X,W)}r?mo($,A,u.dash,u.cap,S,p,h,b,_):Aa(o,$,A,u.dash,u.cap,S,p,h,b,M,_),I&&m.translate(-P,-P)}function Aa(o,r,u,p,h,_,b,$,S,A,M){let P=!1;S!=0&&j.forEach((I,re)=>{if(I.series[0]==o){let oe=C[I.series[1]],X=t[I.series[1]],W=(oe._paths||ml).band;Zt(W)&&(W=I.dir==1?W[0]:W[1]);let N,be=null;oe.show&&W&&Nc(X,Fe,He)?(be=I.fill(l,re)||_,N=oe._paths.clip):W=null,mo(r,u,p,h,be,b,$,S,A,M,N,W),P=!0}}),P||mo(r,u,p,h,_,b,$,S,A,M)}let ks=Un|Qo;function mo(o,r,u,p,h,_,b,$,S,A,M,P){ys(o,r,u,p,h),(S||A||P)&&(m.save(),S&&m.clip(S),A&&m.clip(A)),P?($&ks)==ks?(m.clip(P),M&&m.clip(M),Sl(h,b),vl(o,_,r)):$&Qo?(Sl(h,b),m.clip(P),vl(o,_,r)):$&Un&&(m.save(),m.clip(P),M&&m.clip(M),Sl(h,b),m.restore(),vl(o,_,r)):(Sl(h,b),vl(o,_,r)),(S||A||P)&&m.restore()}function vl(o,r,u){u>0&&(r instanceof Map?r.forEach((p,h)=>{m.strokeStyle=kl=h,m.stroke(p)}):r!=null&&o&&m.stroke(r))}function Sl(o,r){r instanceof Map?r.forEach((u,p)=>{m.fillStyle=Tn=p,m.fill(u)}):r!=null&&o&&m.fill(r)}function Ma(o,r,u,p){let h=V[o],_;if(p<=0)_=[0,0];else{let b=h._space=h.space(l,o,r,u,p),$=h._incrs=h.incrs(l,o,r,u,p,b);_=ld(r,u,$,p,b)}return h._found=_}function ho(o,r,u,p,h,_,b,$,S,A){let M=b%2/2;O==1&&m.translate(M,M),ys($,b,S,A,$),m.beginPath();let P,I,re,oe,X=h+(p==0||p==3?-_:_);u==0?(I=h,oe=X):(P=h,re=X);for(let W=0;W<o.length;W++)r[W]!=null&&(u==0?P=re=o[W]:I=oe=o[W],m.moveTo(P,I),m.lineTo(re,oe));m.stroke(),O==1&&m.translate(-M,-M)}function Ea(o){let r=!0;return V.forEach((u,p)=>{if(!u.show)return;let h=x[u.scale];if(h.min==null){u._show&&(r=!1,u._show=!1,An(!1));return}else u._show||(r=!1,u._show=!0,An(!1));let _=u.side,b=_%2,{min:$,max:S}=h,[A,M]=Ma(p,$,S,b==0?Y:E);if(M==0)return;let P=h.distr==2,I=u._splits=u.splits(l,p,$,S,A,M,P),re=h.distr==2?I.map(N=>St[N]):I,oe=h.distr==2?St[I[1]]-St[I[0]]:A,X=u._values=u.values(l,u.filter(l,re,p,M,oe),p,M,oe);u._rotate=_==2?u.rotate(l,X,p,M):0;let W=u._size;u._size=$t(u.size(l,X,p,o)),W!=null&&u._size!=W&&(r=!1)}),r}function Oa(o){let r=!0;return hs.forEach((u,p)=>{let h=u(l,p,rn,o);h!=qt[p]&&(r=!1),qt[p]=h}),r}function Pa(){for(let o=0;o<V.length;o++){let r=V[o];if(!r.show||!r._show)continue;let u=r.side,p=u%2,h,_,b=r.stroke(l,o),$=u==0||u==3?-1:1,[S,A]=r._found;if(r.label!=null){let Ze=r.labelGap*$,ut=Re((r._lpos+Ze)*ie);_s(r.labelFont[0],b,"center",u==2?"top":xr),m.save(),p==1?(h=_=0,m.translate(ut,Re(ht+vt/2)),m.rotate((u==3?-Fl:Fl)/2)):(h=Re(it+ot/2),_=ut);let un=hi(r.label)?r.label(l,o,S,A):r.label;m.fillText(un,h,_),m.restore()}if(A==0)continue;let M=x[r.scale],P=p==0?ot:vt,I=p==0?it:ht,re=r._splits,oe=M.distr==2?re.map(Ze=>St[Ze]):re,X=M.distr==2?St[re[1]]-St[re[0]]:S,W=r.ticks,N=r.border,be=W.show?W.size:0,Te=Re(be*ie),Be=Re((r.alignTo==2?r._size-be-r.gap:r.gap)*ie),fe=r._rotate*-Fl/180,Ae=K(r._pos*ie),at=(Te+Be)*$,Je=Ae+at;_=p==0?Je:0,h=p==1?Je:0;let _t=r.font[0],Ct=r.align==1?Vn:r.align==2?Ro:fe>0?Vn:fe<0?Ro:p==0?"center":u==3?Ro:Vn,Nt=fe||p==1?"middle":u==2?"top":xr;_s(_t,b,Ct,Nt);let ct=r.font[1]*r.lineGap,wt=re.map(Ze=>K(c(Ze,M,P,I))),xt=r._values;for(let Ze=0;Ze<xt.length;Ze++){let ut=xt[Ze];if(ut!=null){p==0?h=wt[Ze]:_=wt[Ze],ut=""+ut;let un=ut.indexOf(`
`)==-1?[ut]:ut.split(/\n/gm);for(let Xe=0;Xe<un.length;Xe++){let Ws=un[Xe];fe?(m.save(),m.translate(h,_+Xe*ct),m.rotate(fe),m.fillText(Ws,0,0),m.restore()):m.fillText(Ws,h,_+Xe*ct)}}}W.show&&ho(wt,W.filter(l,oe,o,A,X),p,u,Ae,Te,he(W.width*ie,3),W.stroke(l,o),W.dash,W.cap);let Ft=r.grid;Ft.show&&ho(wt,Ft.filter(l,oe,o,A,X),p,p==0?2:1,p==0?ht:it,p==0?vt:ot,he(Ft.width*ie,3),Ft.stroke(l,o),Ft.dash,Ft.cap),N.show&&ho([Ae],[1],p==0?1:0,p==0?1:2,p==1?ht:it,p==1?vt:ot,he(N.width*ie,3),N.stroke(l,o),N.dash,N.cap)}We("drawAxes")}function An(o){C.forEach((r,u)=>{u>0&&(r._paths=null,o&&(s==1?(r.min=null,r.max=null):r.facets.forEach(p=>{p.min=null,p.max=null})))})}let Cl=!1,go=!1,el=[];function La(){go=!1;for(let o=0;o<el.length;o++)We(...el[o]);el.length=0}function Mn(){Cl||(jc(vs),Cl=!0)}function Da(o,r=!1){Cl=!0,go=r,o(l),vs(),r&&el.length>0&&queueMicrotask(La)}l.batch=Da;function vs(){if(no&&(Ca(),no=!1),kn&&(_a(),kn=!1),wl){if($e(k,Vn,ge),$e(k,"top",Le),$e(k,ul,Y),$e(k,dl,E),$e(v,Vn,ge),$e(v,"top",Le),$e(v,ul,Y),$e(v,dl,E),$e(g,ul,Bt),$e(g,dl,tn),y.width=Re(Bt*ie),y.height=Re(tn*ie),V.forEach(({_el:o,_show:r,_size:u,_pos:p,side:h})=>{if(o!=null)if(r){let _=h===3||h===0?u:0,b=h%2==1;$e(o,b?"left":"top",p-_),$e(o,b?"width":"height",u),$e(o,b?"top":"left",b?Le:ge),$e(o,b?"height":"width",b?E:Y),Io(o,mn)}else dt(o,mn)}),kl=Tn=so=io=ao=co=uo=fo=ro=null,st=1,ll(!0),ge!=$n||Le!=nn||Y!=Pt||E!=ln){An(!1);let o=Y/Pt,r=E/ln;if(Qe&&!on&&R.left>=0){R.left*=o,R.top*=r,En&&Vt(En,Re(R.left),0,Y,E),On&&Vt(On,0,Re(R.top),Y,E);for(let u=0;u<yt.length;u++){let p=yt[u];p!=null&&(Cn[u]*=o,xn[u]*=r,Vt(p,$t(Cn[u]),$t(xn[u]),Y,E))}}if(we.show&&!bl&&we.left>=0&&we.width>0){we.left*=o,we.width*=o,we.top*=r,we.height*=r;for(let u in ko)$e(Dn,u,we[u])}$n=ge,nn=Le,Pt=Y,ln=E}We("setSize"),wl=!1}Bt>0&&tn>0&&(m.clearRect(0,0,y.width,y.height),We("drawClear"),U.forEach(o=>o()),We("draw")),we.show&&bl&&(xl(we),bl=!1),Qe&&on&&(cn(null,!0,!1),on=!1),Z.show&&Z.live&&gt&&(bo(),gt=!1),d||(d=!0,l.status=1,We("ready")),Xn=!1,Cl=!1}l.redraw=(o,r)=>{kn=r||!1,o!==!1?Qt(L,T.min,T.max):Mn()};function yo(o,r){let u=x[o];if(u.from==null){if(Ie==0){let p=u.range(l,r.min,r.max,o);r.min=p[0],r.max=p[1]}if(r.min>r.max){let p=r.min;r.min=r.max,r.max=p}if(Ie>1&&r.min!=null&&r.max!=null&&r.max-r.min<1e-16)return;o==L&&u.distr==2&&Ie>0&&(r.min=At(r.min,t[0]),r.max=At(r.max,t[0]),r.min==r.max&&r.max++),H[o]=r,no=!0,Mn()}}l.setScale=yo;let _o,wo,En,On,Ss,Cs,Pn,Ln,xs,Ts,_e,Se,Yt=!1,Ge=R.drag,Ke=Ge.x,Ve=Ge.y;Qe&&(R.x&&(_o=bt(bc,v)),R.y&&(wo=bt($c,v)),T.ori==0?(En=_o,On=wo):(En=wo,On=_o),_e=R.left,Se=R.top);let we=l.select=Oe({show:!0,over:!0,left:0,width:0,top:0,height:0},e.select),Dn=we.show?bt(wc,we.over?v:k):null;function xl(o,r){if(we.show){for(let u in o)we[u]=o[u],u in ko&&$e(Dn,u,o[u]);r!==!1&&We("setSelect")}}l.setSelect=xl;function Ra(o){if(C[o].show)Pe&&Io(Ce[o],mn);else if(Pe&&dt(Ce[o],mn),Qe){let u=Sn?yt[0]:yt[o];u!=null&&Vt(u,-10,-10,Y,E)}}function Qt(o,r,u){yo(o,{min:r,max:u})}function Dt(o,r,u,p){r.focus!=null&&Va(o),r.show!=null&&C.forEach((h,_)=>{_>0&&(o==_||o==null)&&(h.show=r.show,Ra(_),s==2?(Qt(h.facets[0].scale,null,null),Qt(h.facets[1].scale,null,null)):Qt(h.scale,null,null),Mn())}),u!==!1&&We("setSeries",o,r),p&&ol("setSeries",l,o,r)}l.setSeries=Dt;function Na(o,r){Oe(j[o],r)}function Fa(o,r){o.fill=te(o.fill||null),o.dir=se(o.dir,-1),r=r??j.length,j.splice(r,0,o)}function Ha(o){o==null?j.length=0:j.splice(o,1)}l.addBand=Fa,l.setBand=Na,l.delBand=Ha;function Ka(o,r){C[o].alpha=r,Qe&&yt[o]!=null&&(yt[o].style.opacity=r),Pe&&Ce[o]&&(Ce[o].style.opacity=r)}let zt,jt,an,Rn={focus:!0};function Va(o){if(o!=an){let r=o==null,u=Lt.alpha!=1;C.forEach((p,h)=>{if(s==1||h>0){let _=r||h==0||h==o;p._focus=r?null:_,u&&Ka(h,_?1:Lt.alpha)}}),an=o,u&&Mn()}}Pe&&vn&&je(Er,ae,o=>{R._lock||(sn(o),an!=null&&Dt(null,Rn,!0,Me.setSeries))});function Rt(o,r,u){let p=x[r];u&&(o=o/ie-(p.ori==1?Le:ge));let h=Y;p.ori==1&&(h=E,o=h-o),p.dir==-1&&(o=h-o);let _=p._min,b=p._max,$=o/h,S=_+(b-_)*$,A=p.distr;return A==3?zn(10,S):A==4?Hc(S,p.asinh):A==100?p.bwd(S):S}function Wa(o,r){let u=Rt(o,L,r);return At(u,t[0],Fe,He)}l.valToIdx=o=>At(o,t[0]),l.posToIdx=Wa,l.posToVal=Rt,l.valToPos=(o,r,u)=>x[r].ori==0?a(o,x[r],u?ot:Y,u?it:0):i(o,x[r],u?vt:E,u?ht:0),l.setCursor=(o,r,u)=>{_e=o.left,Se=o.top,cn(null,r,u)};function As(o,r){$e(Dn,Vn,we.left=o),$e(Dn,ul,we.width=r)}function Ms(o,r){$e(Dn,"top",we.top=o),$e(Dn,dl,we.height=r)}let tl=T.ori==0?As:Ms,nl=T.ori==1?As:Ms;function Ba(){if(Pe&&Z.live)for(let o=s==2?1:0;o<C.length;o++){if(o==0&&mt)continue;let r=Z.values[o],u=0;for(let p in r)Ot[o][u++].firstChild.nodeValue=r[p]}}function bo(o,r){if(o!=null&&(o.idxs?o.idxs.forEach((u,p)=>{de[p]=u}):Bc(o.idx)||de.fill(o.idx),Z.idx=de[0]),Pe&&Z.live){for(let u=0;u<C.length;u++)(u>0||s==1&&!mt)&&za(u,de[u]);Ba()}gt=!1,r!==!1&&We("setLegend")}l.setLegend=bo;function za(o,r){let u=C[o],p=o==0&&Q==2?St:t[o],h;mt?h=u.values(l,o,r)??Ut:(h=u.value(l,r==null?null:p[r],o,r),h=h==null?Ut:{_:h}),Z.values[o]=h}function cn(o,r,u){xs=_e,Ts=Se,[_e,Se]=R.move(l,_e,Se),R.left=_e,R.top=Se,Qe&&(En&&Vt(En,Re(_e),0,Y,E),On&&Vt(On,0,Re(Se),Y,E));let p,h=Fe>He;zt=me,jt=null;let _=T.ori==0?Y:E,b=T.ori==1?Y:E;if(_e<0||Ie==0||h){p=R.idx=null;for(let $=0;$<C.length;$++){let S=yt[$];S!=null&&Vt(S,-10,-10,Y,E)}vn&&Dt(null,Rn,!0,o==null&&Me.setSeries),Z.live&&(de.fill(p),gt=!0)}else{let $,S,A;s==1&&($=T.ori==0?_e:Se,S=Rt($,L),p=R.idx=At(S,t[0],Fe,He),A=D(t[0][p],T,_,0));let M=-10,P=-10,I=0,re=0,oe=!0,X="",W="";for(let N=s==2?1:0;N<C.length;N++){let be=C[N],Te=de[N],Be=Te==null?null:s==1?t[N][Te]:t[N][1][Te],fe=R.dataIdx(l,N,p,S),Ae=fe==null?null:s==1?t[N][fe]:t[N][1][fe];if(gt=gt||Ae!=Be||fe!=Te,de[N]=fe,N>0&&be.show){let at=fe==null?-10:fe==p?A:D(s==1?t[0][fe]:t[N][0][fe],T,_,0),Je=Ae==null?-10:z(Ae,s==1?x[be.scale]:x[be.facets[1].scale],b,0);if(vn&&Ae!=null){let _t=T.ori==1?_e:Se,Ct=Ne(Lt.dist(l,N,fe,Je,_t));if(Ct<zt){let Nt=Lt.bias;if(Nt!=0){let ct=Rt(_t,be.scale),wt=Ae>=0?1:-1,xt=ct>=0?1:-1;xt==wt&&(xt==1?Nt==1?Ae>=ct:Ae<=ct:Nt==1?Ae<=ct:Ae>=ct)&&(zt=Ct,jt=N)}else zt=Ct,jt=N}}if(gt||Sn){let _t,Ct;T.ori==0?(_t=at,Ct=Je):(_t=Je,Ct=at);let Nt,ct,wt,xt,Ft,Ze,ut=!0,un=qe.bbox;if(un!=null){ut=!1;let Xe=un(l,N);wt=Xe.left,xt=Xe.top,Nt=Xe.width,ct=Xe.height}else wt=_t,xt=Ct,Nt=ct=qe.size(l,N);if(Ze=qe.fill(l,N),Ft=qe.stroke(l,N),Sn)N==jt&&zt<=Lt.prox&&(M=wt,P=xt,I=Nt,re=ct,oe=ut,X=Ze,W=Ft);else{let Xe=yt[N];Xe!=null&&(Cn[N]=wt,xn[N]=xt,Fr(Xe,Nt,ct,ut),Rr(Xe,Ze,Ft),Vt(Xe,$t(wt),$t(xt),Y,E))}}}}if(Sn){let N=Lt.prox,be=an==null?zt<=N:zt>N||jt!=an;if(gt||be){let Te=yt[0];Te!=null&&(Cn[0]=M,xn[0]=P,Fr(Te,I,re,oe),Rr(Te,X,W),Vt(Te,$t(M),$t(P),Y,E))}}}if(we.show&&Yt)if(o!=null){let[$,S]=Me.scales,[A,M]=Me.match,[P,I]=o.cursor.sync.scales,re=o.cursor.drag;if(Ke=re._x,Ve=re._y,Ke||Ve){let{left:oe,top:X,width:W,height:N}=o.select,be=o.scales[P].ori,Te=o.posToVal,Be,fe,Ae,at,Je,_t=$!=null&&A($,P),Ct=S!=null&&M(S,I);_t&&Ke?(be==0?(Be=oe,fe=W):(Be=X,fe=N),Ae=x[$],at=D(Te(Be,P),Ae,_,0),Je=D(Te(Be+fe,P),Ae,_,0),tl(Mt(at,Je),Ne(Je-at))):tl(0,_),Ct&&Ve?(be==1?(Be=oe,fe=W):(Be=X,fe=N),Ae=x[S],at=z(Te(Be,I),Ae,b,0),Je=z(Te(Be+fe,I),Ae,b,0),nl(Mt(at,Je),Ne(Je-at))):nl(0,b)}else vo()}else{let $=Ne(xs-Ss),S=Ne(Ts-Cs);if(T.ori==1){let I=$;$=S,S=I}Ke=Ge.x&&$>=Ge.dist,Ve=Ge.y&&S>=Ge.dist;let A=Ge.uni;A!=null?Ke&&Ve&&(Ke=$>=A,Ve=S>=A,!Ke&&!Ve&&(S>$?Ve=!0:Ke=!0)):Ge.x&&Ge.y&&(Ke||Ve)&&(Ke=Ve=!0);let M,P;Ke&&(T.ori==0?(M=Pn,P=_e):(M=Ln,P=Se),tl(Mt(M,P),Ne(P-M)),Ve||nl(0,b)),Ve&&(T.ori==1?(M=Pn,P=_e):(M=Ln,P=Se),nl(Mt(M,P),Ne(P-M)),Ke||tl(0,_)),!Ke&&!Ve&&(tl(0,0),nl(0,0))}if(Ge._x=Ke,Ge._y=Ve,o==null){if(u){if(Vs!=null){let[$,S]=Me.scales;Me.values[0]=$!=null?Rt(T.ori==0?_e:Se,$):null,Me.values[1]=S!=null?Rt(T.ori==1?_e:Se,S):null}ol(No,l,_e,Se,Y,E,p)}if(vn){let $=u&&Me.setSeries,S=Lt.prox;an==null?zt<=S&&Dt(jt,Rn,!0,$):zt>S?Dt(null,Rn,!0,$):jt!=an&&Dt(jt,Rn,!0,$)}}gt&&(Z.idx=p,bo()),r!==!1&&We("setCursor")}let Jt=null;Object.defineProperty(l,"rect",{get(){return Jt==null&&ll(!1),Jt}});function ll(o=!1){o?Jt=null:(Jt=v.getBoundingClientRect(),We("syncRect",Jt))}function Es(o,r,u,p,h,_,b){R._lock||Yt&&o!=null&&o.movementX==0&&o.movementY==0||($o(o,r,u,p,h,_,b,!1,o!=null),o!=null?cn(null,!0,!0):cn(r,!0,!1))}function $o(o,r,u,p,h,_,b,$,S){if(Jt==null&&ll(!1),sn(o),o!=null)u=o.clientX-Jt.left,p=o.clientY-Jt.top;else{if(u<0||p<0){_e=-10,Se=-10;return}let[A,M]=Me.scales,P=r.cursor.sync,[I,re]=P.values,[oe,X]=P.scales,[W,N]=Me.match,be=r.axes[0].side%2==1,Te=T.ori==0?Y:E,Be=T.ori==1?Y:E,fe=be?_:h,Ae=be?h:_,at=be?p:u,Je=be?u:p;if(oe!=null?u=W(A,oe)?c(I,x[A],Te,0):-10:u=Te*(at/fe),X!=null?p=N(M,X)?c(re,x[M],Be,0):-10:p=Be*(Je/Ae),T.ori==1){let _t=u;u=p,p=_t}}S&&(r==null||r.cursor.event.type==No)&&((u<=1||u>=Y-1)&&(u=fn(u,Y)),(p<=1||p>=E-1)&&(p=fn(p,E))),$?(Ss=u,Cs=p,[Pn,Ln]=R.move(l,u,p)):(_e=u,Se=p)}let ko={width:0,height:0,left:0,top:0};function vo(){xl(ko,!1)}let Os,Ps,Ls,Ds;function Rs(o,r,u,p,h,_,b){Yt=!0,Ke=Ve=Ge._x=Ge._y=!1,$o(o,r,u,p,h,_,b,!0,!1),o!=null&&(je(Fo,Bo,Ns,!1),ol(Ar,l,Pn,Ln,Y,E,null));let{left:$,top:S,width:A,height:M}=we;Os=$,Ps=S,Ls=A,Ds=M}function Ns(o,r,u,p,h,_,b){Yt=Ge._x=Ge._y=!1,$o(o,r,u,p,h,_,b,!1,!0);let{left:$,top:S,width:A,height:M}=we,P=A>0||M>0,I=Os!=$||Ps!=S||Ls!=A||Ds!=M;if(P&&I&&xl(we),Ge.setScale&&P&&I){let re=$,oe=A,X=S,W=M;if(T.ori==1&&(re=S,oe=M,X=$,W=A),Ke&&Qt(L,Rt(re,L),Rt(re+oe,L)),Ve)for(let N in x){let be=x[N];N!=L&&be.from==null&&be.min!=me&&Qt(N,Rt(X+W,N),Rt(X,N))}vo()}else R.lock&&(R._lock=!R._lock,cn(r,!0,o!=null));o!=null&&(bn(Fo,Bo),ol(Fo,l,_e,Se,Y,E,null))}function Ia(o,r,u,p,h,_,b){if(R._lock)return;sn(o);let $=Yt;if(Yt){let S=!0,A=!0,M=10,P,I;T.ori==0?(P=Ke,I=Ve):(P=Ve,I=Ke),P&&I&&(S=_e<=M||_e>=Y-M,A=Se<=M||Se>=E-M),P&&S&&(_e=_e<Pn?0:Y),I&&A&&(Se=Se<Ln?0:E),cn(null,!0,!0),Yt=!1}_e=-10,Se=-10,de.fill(null),cn(null,!0,!0),$&&(Yt=$)}function Fs(o,r,u,p,h,_,b){R._lock||(sn(o),oo(),vo(),o!=null&&ol(Or,l,_e,Se,Y,E,null))}function Hs(){V.forEach(od),lo(l.width,l.height,!0)}hn(Hl,Bn,Hs);let Nn={};Nn.mousedown=Rs,Nn.mousemove=Es,Nn.mouseup=Ns,Nn.dblclick=Fs,Nn.setSeries=(o,r,u,p)=>{let h=Me.match[2];u=h(l,r,u),u!=-1&&Dt(u,p,!0,!1)},Qe&&(je(Ar,v,Rs),je(No,v,Es),je(Mr,v,o=>{sn(o),ll(!1)}),je(Er,v,Ia),je(Or,v,Fs),jo.add(l),l.syncRect=ll);let Tl=l.hooks=e.hooks||{};function We(o,r,u){go?el.push([o,r,u]):o in Tl&&Tl[o].forEach(p=>{p.call(null,l,r,u)})}(e.plugins||[]).forEach(o=>{for(let r in o.hooks)Tl[r]=(Tl[r]||[]).concat(o.hooks[r])});let Ks=(o,r,u)=>u,Me=Oe({key:null,setSeries:!1,filters:{pub:Br,sub:Br},scales:[L,C[1]?C[1].scale:null],match:[zr,zr,Ks],values:[null,null]},R.sync);Me.match.length==2&&Me.match.push(Ks),R.sync=Me;let Vs=Me.key,So=Ki(Vs);function ol(o,r,u,p,h,_,b){Me.filters.pub(o,r,u,p,h,_,b)&&So.pub(o,r,u,p,h,_,b)}So.sub(l);function Ga(o,r,u,p,h,_,b){Me.filters.sub(o,r,u,p,h,_,b)&&Nn[o](null,r,u,p,h,_,b)}l.pub=Ga;function Ua(){So.unsub(l),jo.delete(l),en.clear(),Go(Hl,Bn,Hs),f.remove(),ae?.remove(),We("destroy")}l.destroy=Ua;function Co(){We("init",e,t),gs(t||e.data,!1),H[L]?yo(L,H[L]):oo(),bl=we.show&&(we.width>0||we.height>0),on=gt=!0,lo(e.width,e.height)}return C.forEach(ms),V.forEach(Sa),n?n instanceof HTMLElement?(n.appendChild(f),Co()):n(l,Co):Co(),l}Ye.assign=Oe;Ye.fmtNum=ls;Ye.rangeNum=Kl;Ye.rangeLog=Bl;Ye.rangeAsinh=ts;Ye.orient=yn;Ye.pxRatio=ie;Ye.join=Qc;Ye.fmtDate=ss,Ye.tzDate=ru;Ye.sync=Ki;{Ye.addGap=Bu,Ye.clipGaps=Gl;let e=Ye.paths={points:Gi};e.linear=qi,e.stepped=Gu,e.bars=Uu,e.spline=Yu}Ji.exports=Ye});var rl,De,To,js,Ao=Object.is,Ml=0,sr=[],Mo=[],Ee=Bs,Js=Ee.__b,Zs=Ee.__r,Xs=Ee.diffed,er=Ee.__c,tr=Ee.unmount,nr=Ee.__;function Oo(e,t){Ee.__h&&Ee.__h(De,e,Ml||t),Ml=0;var n=De.__H||(De.__H={__:[],__h:[]});return e>=n.__.length&&n.__.push({}),n.__[e]}function q(e){return Ml=1,Qa(ir,e)}function Qa(e,t,n){var l=Oo(rl++,2);if(l.t=e,!l.__c&&(l.__=[n?n(t):ir(void 0,t),function(a){var i=(l.__N||l.__)[0],c=l.t(i,a);Ao(i,c)||(l.__N=[c,l.__[1]],l.__c.setState({}))}],l.__c=De,!De.__f)){De.__f=!0;var s=De.shouldComponentUpdate;De.shouldComponentUpdate=function(a,i,c){var d=this.__H;if(!d)return!0;var f=!1,y=this.props!=a;if(d.__.some(function(g){g.__N&&(f=!0,Ao(g.__[0],g.__N[0])||(y=!0))}),s){var m=s.call(this,a,i,c);return f?m||y:m}return!f||y}}return l.__}function pe(e,t){var n=Oo(rl++,3);!Ee.__s&&rr(n.__H,t)&&(n.__P=!0,n.__=e,n.u=t,De.__H.__h.push(n))}function dn(e){return Ml=5,Po(function(){return{current:e}},[])}function Po(e,t){var n=Oo(rl++,7);return rr(n.__H,t)&&(n.__=e(),n.__H=t),n.__}function ja(){var e;do{for(;e=Mo.shift();)try{sl(e)}catch(n){Ee.__e(n,{__:(e=e.__P)&&e.__v})}for(;e=sr.shift();){var t=e.__H;if(e.__P&&t)try{t.__h.some(sl),t.__h.some(Eo),t.__h=[]}catch(n){t.__h=[],Ee.__e(n,e.__v)}}}while(Mo.length)}Ee.__b=function(e){De=null,Js&&Js(e)},Ee.__=function(e,t){e&&t.__k&&t.__k.__m&&(e.__m=t.__k.__m),nr&&nr(e,t)},Ee.__r=function(e){Zs&&Zs(e),rl=0;var t=(De=e.__c).__H;t&&(To==De?De.__h=[]:(t.__h.some(sl),t.__h.some(Eo),rl=0),t.__h=[],t.__.some(function(n){n.__N&&(n.__=n.__N),n.u=n.__N=void 0})),To=De},Ee.diffed=function(e){Xs&&Xs(e);var t=e.__c;t&&t.__H&&(t.__H.__h.length&&or(sr.push(t)),t.__H.__.some(function(n){n.u&&(n.__H=n.u)})),To=De=null},Ee.__c=function(e,t){t.some(function(n){try{n.__h.some(sl),n.__h=n.__h.filter(function(l){return!l.__||Eo(l)})}catch(l){n.__h=[function(){throw l}]}}),er&&er(e,t)},Ee.unmount=function(e){tr&&tr(e);var t,n,l=e.__c;l&&l.__H&&(l.__H.__.some(function(s){try{if(s.__P&&s.__c){if(n===void 0){for(n=e.__;n&&(!n.__c||!n.__c.__P);)n=n.__;n=n&&n.__c}s.__P=n,or(Mo.push(s))}else sl(s)}catch(a){t=a}}),l.__H=void 0,t&&Ee.__e(t,l.__v))};var lr=typeof requestAnimationFrame=="function";function Ja(e){var t,n=function(){clearTimeout(l),lr&&cancelAnimationFrame(t),setTimeout(e)},l=setTimeout(n,35);lr&&(t=requestAnimationFrame(n))}function or(e){e!=1&&js==Ee.requestAnimationFrame||((js=Ee.requestAnimationFrame)||Ja)(ja)}function sl(e){var t=De,n=e.__c;typeof n=="function"&&(e.__c=void 0,n()),De=t}function Eo(e){var t=De;e.__c=e.__(),De=t}function rr(e,t){return!e||e.length!=t.length||t.some(function(n,l){return!Ao(n,e[l])})}function ir(e,t){return typeof t=="function"?t(e):t}var ar={OffcodeEdgeAway:"边缘节点 {{ $labels.instance }} 取不到指标。",OffcodeAnswersFailing:"超过百分之一的应答是服务器故障。",OffcodePaymentsPending:"超过二十分之一的应答表示付款结果尚未可知。",OffcodeStoreAway:"存储没有应答；原因见 offcode_store_faults_total 的 fault。",OffcodeStoreCorrupt:"存储里有一条记录不是应有的形式；有人绕过 Offcode 写入。",OffcodeStoreSettings:"存储的设置不符合付款的要求（{{ $labels.reason }}）。",OffcodeLedgerSilent:"账本没有应答；在它应答之前付款一直待定。",OffcodePaymentsPile:"十分钟以来有超过 100 笔付款正在进行。",OffcodePaymentsNotSwept:"到期的付款没有被处理完。",OffcodeSweepEndsEarly:"进行中的付款没有被处理完。",OffcodeSeedSweepEndsEarly:"被替换的种子到期后仍封存在存储中。",OffcodeDestroyedSeedsUnread:"某边缘节点不知道哪些种子已销毁；其核心内存可能还留有它们。",OffcodeEventSweepEndsEarly:"账单事件的保存时间超过了 OFFCODE_RECORD_DAYS。",OffcodeClosedBillChanged:"已关闭的账单被改动；日志写明商户和日期。",OffcodeSeedSealed:"封存的种子打不开（{{ $labels.reason }}）；unknown-key 表示缺少主密钥。",OffcodeKeyRecordForeign:"有人向存储写入了 API 密钥记录，或者缺少主密钥。",OffcodeBucketTooLarge:"某个桶的顾客无法离线付款；请调大 OFFCODE_CORE_MEMORY。",OffcodeCodeAmbiguous:"有付款码同时匹配多个凭证，日志写明是哪些；同一对出现两次就不是巧合。",OffcodeCodeAtTwoMerchants:"同一付款码出现在两家商户；日志写明账户。",OffcodeClockUnsure:"{{ $labels.instance }} 的时钟与存储的时钟不一致；它不接受任何付款码。",OffcodeClockDrifts:"{{ $labels.instance }} 的时钟与存储的时钟相差超过一秒。",OffcodeCallbacksStuck:"到期的回调没有送出。",OffcodeDispatchEndsEarly:"回调的投递一再提前中断。",OffcodeCallbackEndpointDisabled:"某商户在重新设置端点之前收不到回调；请通知它。",OffcodeCallbackBreakerOpen:"某商户的服务器已停；日志写明是哪一家。",OffcodeCallbacksDead:"某商户拒收发给它的回调。",OffcodeCallbackUnreadable:"有回调无法发送（{{ $labels.reason }}）。",OffcodeCallbackLeaseLost:"某进程在投递途中停顿了 30 秒。",OffcodeCallbackSecretSealed:"端点的密钥打不开（{{ $labels.reason }}）；缺少主密钥。",OffcodeCoreShadowDiffers:"影子核心与正在使用的核心结果不同（{{ $labels.reason }}），已停用。",OffcodeCoreShadowUnfit:"影子核心无法在某个边缘节点上运行；原因见日志。",OffcodeCoreReleaseUnfit:"正在使用的核心版本无法在 {{ $labels.instance }} 上运行。",OffcodeCoreSwitchUnread:"边缘节点 {{ $labels.instance }} 读不到哪个核心正在使用。",OffcodeBug:"意外错误，即程序缺陷；位置见日志。",OffcodeMetricsFault:"指标中缺少观测值，即程序缺陷。"};function Ue(e,t){return e===void 0?"–":new Intl.NumberFormat(t,{maximumFractionDigits:1}).format(e)}function Ht(e,t){return e===void 0?"–":new Intl.NumberFormat(t,{maximumSignificantDigits:3}).format(e)}var Za=[[2*86400,1/86400,"d"],[7200,1/3600,"h"],[120,1/60,"min"],[1,1,"s"],[.001,1e3,"ms"],[0,1e6,"µs"]];function Kt(e,t){if(e===void 0)return"–";if(e===0)return"0 s";let n=Math.abs(e),[,l,s]=Za.find(([a])=>n>=a);return`${Ht(e*l,t)} ${s}`}var cr=["B","KiB","MiB","GiB"];function Lo(e,t){if(e===void 0)return"–";let[n,l]=[e,0];for(;n>=1024&&l<cr.length-1;)[n,l]=[n/1024,l+1];return`${Ht(n,t)} ${cr[l]}`}var ur=new Intl.DateTimeFormat("sv-SE",{year:"numeric",month:"2-digit",day:"2-digit",hour:"2-digit",minute:"2-digit",second:"2-digit",fractionalSecondDigits:3}),dr=e=>ur.format(new Date(e)).replace(",","."),fr=()=>ur.resolvedOptions().timeZone;function ze({t:e},{status:t,body:n}){if(t===0)return e("noAnswer");if(t===401||t===403)return e("keyRefused");if(t===404)return e("notFound");if(t===503)return e("unavailable",{code:n?.code??""});let l=n?.reason??n?.detail??n?.title??"";return e("refusedBecause",{code:n?.code??t,why:l})}function et({at:e}){return w`<time datetime=${e} title=${e}>${dr(e)}</time>`}function il({ctx:e,id:t}){return w`${e.nameOf(t)} <code class="soft id">${t}</code>`}function ye({kind:e,children:t}){return w`<span class=${`badge ${e}`}>${t}</span>`}function pr({name:e,value:t,warn:n=!1,title:l}){return w`
    <div class=${n?"tile warn":"tile"} title=${l}>
      <dt>${e}</dt>
      <dd>${t}</dd>
    </div>
  `}function xe({caption:e,isTitled:t=!1,heads:n,rows:l,ids:s=[],empty:a}){let i=c=>c.map((d,f)=>f===0?w`<th scope="row">${d}</th>`:w`<td>${d}</td>`);return w`
    <div class="scroll" role="region" aria-label=${e} tabindex="0">
      <table>
        <caption class=${t?"spoken":""}>${e}</caption>
        <thead>
          <tr>${n.map(c=>w`<th scope="col">${c}</th>`)}</tr>
        </thead>
        <tbody>
          ${l.map((c,d)=>w`<tr key=${s[d]??d}>${i(c)}</tr>`)}
        </tbody>
      </table>
      ${l.length===0&&w`<p class="soft">${a}</p>`}
    </div>
  `}function Fn({ctx:e,label:t,question:n,onYes:l}){let[s,a]=q(!1),i=dn(null);return pe(()=>{s&&i.current?.focus()},[s]),s?w`
    <span class="row" role="group" aria-label=${n}>
      <span>${n}</span>
      <button type="button" class="danger" onClick=${()=>{a(!1),l()}}>
        ${e.t("yes",{step:t})}
      </button>
      <button type="button" ref=${i} onClick=${()=>a(!1)}>
        ${e.t("no")}
      </button>
    </span>
  `:w`
      <button type="button" onClick=${()=>a(!0)}>${t}</button>
    `}function tt({text:e,isBad:t}){return w`
    <p role="status" class=${e===""?"":`note ${t?"bad":"good"}`}>
      ${e}
    </p>
  `}function mr({ctx:e,name:t,secret:n}){return w`
    <div class="note warn">
      <p>${e.t("shownOnce",{name:t})}</p>
      <code class="secret">${n}</code>
      <button
        type="button"
        onClick=${()=>{navigator.clipboard?.writeText(n)}}
      >
        ${e.t("copy")}
      </button>
    </div>
  `}function hr({t:e},{name:t,summary:n,cases:l},s){return(s==="zh"?ar[t]??n:n).replaceAll(/\{\{ \$labels\.(\w+) \}\}/g,(i,c)=>{let d=l.flatMap(f=>f.labels[c]??[]);return d.length>0?d.join(", "):c==="instance"?e("thisEdge"):"…"})}var Xa=["firing","pending","quiet","unseen"],El=({state:e,severity:t})=>2*Xa.indexOf(e)+(t==="page"?0:1);function gr({ctx:e,seen:t,language:n}){let{t:l,tag:s}=e,a=t.alarms.filter(({state:c})=>c==="firing"||c==="pending").sort((c,d)=>El(c)-El(d)),i=({cases:c})=>Kt(Math.max(...c.map(d=>d.seconds)),s);return w`
    <section aria-labelledby="loud" aria-live="polite">
      <h2 id="loud">${l("alarmsNow",{n:a.length})}</h2>
      ${a.length===0&&t.now!==null&&w`
        <p class="note good">${l("allQuiet")}</p>
      `}
      ${a.map(c=>{let d=c.state==="firing",f=d&&c.severity==="page"?"bad":"warn";return w`
          <div class=${`note ${f} alarm`}>
            <strong>${hr(e,c,n)}</strong>
            <p class="row">
              <${ye} kind=${f}>
                ${l(d?"firing":"pending")}
              <//>
              <span>
                ${c.severity==="page"?l("page"):l("ticket")}
              </span>
              <span>${l("since",{time:i(c)})}</span>
              <code>${c.name}</code>
            </p>
          </div>
        `})}
    </section>
  `}function yr({ctx:e,seen:t,language:n}){let{t:l,tag:s}=e,a={firing:"bad",pending:"warn",quiet:"good",unseen:"soft"};return w`
    <p>${l("alarmsNote",{time:Kt(t.watchedSeconds,s)})}</p>
    <${xe}
      caption=${l("alarms")}
      isTitled=${!0}
      heads=${[l("alarm"),l("state"),l("severity"),l("says")]}
      rows=${t.alarms.toSorted((i,c)=>El(i)-El(c)).map(i=>[w`<code>${i.name}</code>`,w`<${ye} kind=${a[i.state]}>${l(i.state)}<//>`,i.severity==="page"?l("page"):l("ticket"),hr(e,i,n)])}
      empty=${l("none")}
    />
  `}function Ol(e){return async(t,n,l)=>{try{let s=await fetch(n,{method:t,headers:{authorization:`Bearer ${e}`,...l!==void 0&&{"content-type":"application/json"}},...l!==void 0&&{body:JSON.stringify(l)},cache:"no-store",redirect:"error",signal:AbortSignal.timeout(15e3)}),a=await s.text(),i=/^application\/(problem\+)?json/.test(s.headers.get("content-type")??"");return{status:s.status,body:i&&a!==""?JSON.parse(a):a}}catch{return{status:0,body:null}}}}async function Pl(e,t,n,l){let s=[],a;for(let i=0;i<l;i++){let c=a===void 0?"":`?${new URLSearchParams({cursor:a})}`,d=await e("GET",t+c);if(!ce(d))return d;if(s.push(...d.body[n]),{cursor:a}=d.body,a===void 0)break}return s}var al=e=>/^[\x21-\x7e]{1,512}$/.test(e),ce=({status:e})=>e>=200&&e<300;var ec=100;function tc({ctx:e,merchantId:t,onReplayed:n}){let{t:l}=e,[s,a]=q(null),[i,c]=q({text:"",isBad:!1}),d=async()=>{let m=new URLSearchParams({merchant_id:t,status:"dead"});a(await e.call("GET",`/v1/admin/callbacks?${m}`))};pe(()=>{d()},[t]);let f=async({callback_id:m,order_id:g})=>{let k=`/v1/admin/callbacks/${m}/replays`,v=await e.call("POST",k);c(ce(v)?{text:l("replayed",{order:g}),isBad:!1}:{text:ze(e,v),isBad:!0}),await d(),n()},y=s!==null&&ce(s)?s.body.callbacks:[];return w`
    <${tt} ...${i} />
    <${xe}
      caption=${l("deadLettersOf",{merchant:e.nameOf(t)??t})}
      heads=${[l("order"),l("type"),l("tries"),l("why"),l("when"),l("step")]}
      rows=${y.map(m=>[w`<code>${m.order_id}</code>`,m.type,Ue(m.tries,e.tag),m.dead_reason,w`<${et} at=${m.created_at} />`,w`
          <button type="button" onClick=${()=>{f(m)}}>
            ${l("replay")}
          </button>
        `])}
      ids=${y.map(m=>m.callback_id)}
      empty=${l("none")}
    />
  `}function nc({ctx:e,queues:t,chosen:n,onChoose:l}){let{t:s}=e,a=c=>Ue(c,e.tag)+(c===ec?"+":""),i=c=>c===void 0?"–":w`<${et} at=${c} />`;return w`
    <${xe}
      caption=${s("callbackQueues")}
      isTitled=${!0}
      heads=${[s("merchant"),s("endpoint"),s("breaker"),s("waiting"),s("dueAt"),s("failingSince"),s("nextProbe"),s("dead")]}
      rows=${t.map(c=>[w`<${il} ctx=${e} id=${c.merchant_id} />`,w`
          <${ye} kind=${c.endpoint==="active"?"good":"warn"}>
            ${s(`endpoint_${c.endpoint??"none"}`)}
          <//> <span class="url">${c.url}</span>
        `,w`
          <${ye} kind=${c.breaker==="open"?"bad":"good"}>
            ${s(`breaker_${c.breaker}`)}
          <//>
        `,a(c.waiting),i(c.due_at),i(c.failing_since),i(c.next_probe_at),c.dead===0?"0":w`
          <button
            type="button"
            aria-pressed=${n===c.merchant_id}
            onClick=${()=>l(c.merchant_id)}
          >
            ${s("showDead",{n:a(c.dead)})}
          </button>
        `])}
      ids=${t.map(c=>c.merchant_id)}
      empty=${s("noQueues")}
    />
  `}var _r=({breaker:e,dead:t,waiting:n})=>e==="open"?0:t>0?1:n>0?2:3,lc=100;function wr({ctx:e,tick:t}){let{t:n}=e,[l,s]=q([]),[a,i]=q(null),[c,d]=q(""),f=async()=>{let m=await Pl(e.call,"/v1/admin/callback-queues","queues",lc);i("status"in m?m:null),!("status"in m)&&s(m.toSorted((g,k)=>_r(g)-_r(k)))};return pe(()=>{f()},[t,e.call]),w`
    <h2>${n("callbackQueues")}</h2>
    <p>${n("queuesNote")}</p>
    ${a!==null&&w`
      <${tt} text=${ze(e,a)} isBad=${!0} />
    `}
    <${nc} ...${{ctx:e,queues:l,chosen:c}} onChoose=${d} />
    ${c!==""&&w`
      <h2>${n("deadLetters")}</h2>
      <${tc}
        ctx=${e}
        merchantId=${c}
        onReplayed=${()=>{f()}}
      />
    `}
  `}function Ll({ctx:e,id:t,label:n,button:l,fault:s="",onKey:a}){let[i,c]=q(""),[d,f]=q(!1),y=g=>{g.preventDefault();let k=i.trim();f(!al(k)),al(k)&&(c(""),a(k))},m=d?e.t("keyOdd"):s;return w`
    <form class="key" onSubmit=${y}>
      <label for=${t}>${n}</label>
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
      <button class="main">${l}</button>
      <p id=${`${t}-said`} role="alert" class=${m===""?"":"note bad"}>
        ${m}
      </p>
    </form>
  `}var oc={uploaded:"soft",shadow:"warn",active:"good",retired:"soft"},sc={uploaded:["shadow","retire"],shadow:["activate","retire"],active:["rollback"],retired:["activate"]};function rc({ctx:e,releases:t,onStep:n}){let{t:l,tag:s}=e,a=i=>sc[i.state].map(c=>w`
        <${Fn}
          key=${`${i.state} ${c}`}
          ctx=${e}
          label=${l(`step_${c}`)}
          question=${l(`sure_${c}`,{version:i.version})}
          onYes=${()=>n(c,i)}
        />
      `);return w`
    <${xe}
      caption=${l("releases")}
      heads=${[l("version"),l("state"),l("shadowSearches"),l("differences"),l("slowest"),l("uploadedAt"),l("digest"),l("step")]}
      rows=${t.toReversed().map(i=>[i.version,w`
          <${ye} kind=${oc[i.state]}>${l(`release_${i.state}`)}<//>
          ${i.retired_because??""}
        `,Ue(i.searches,s),w`
          <span class=${i.differences>0?"bad":""}>
            ${Ue(i.differences,s)}
          </span>
        `,i.slowest_ratio===void 0?"–":`× ${Ht(i.slowest_ratio,s)}`,w`<${et} at=${i.uploaded_at} />`,w`<code class="id">${i.sha256}</code>`,w`<div class="row">${a(i)}</div>`])}
      ids=${t.toReversed().map(i=>i.release_id)}
      empty=${l("noReleases")}
    />
  `}function ic({ctx:e,release:t}){let{t:n}=e,[l,s]=q(null),[a,i]=q({text:"",isBad:!1}),c=async()=>s(await t("GET","/v1/core-releases")),d=async(m,{release_id:g,version:k})=>{let v=m==="rollback"?await t("POST","/v1/core-releases/rollback",{release_id:g}):await t("POST",`/v1/core-releases/${g}/${m}`);i(ce(v)?{text:n(`did_${m}`,{version:k}),isBad:!1}:{text:ze(e,v),isBad:!0}),await c()};if(pe(()=>{c()},[t]),l===null)return null;if(!ce(l))return w`<${tt} text=${ze(e,l)} isBad=${!0} />`;let{releases:f,history:y}=l.body;return w`
    <${tt} ...${a} />
    <${rc} ...${{ctx:e,releases:f}} onStep=${d} />
    <${xe}
      caption=${n("releaseHistory")}
      heads=${[n("when"),n("step"),n("release"),n("by")]}
      rows=${y.toReversed().map(m=>[w`<${et} at=${m.at} />`,n(`step_${m.action}`),w`<code class="id">${m.release_id??n("builtIn")}</code>`,w`<code class="id">${m.by}</code>`])}
      empty=${n("none")}
    />
  `}function br({ctx:e,served:t}){let{t:n}=e,[l,s]=q(null);return w`
    <h2>${n("core")}</h2>
    ${t!==void 0&&w`
      <p>
        ${n("coreServes",{version:t.version})}
        <code>${t.release_id??n("builtIn")}</code>
      </p>
    `}
    ${l===null?w`
        <p>${n("releaseKeyNote")}</p>
        <${Ll}
          ctx=${e}
          id="release-key"
          label=${n("releaseKey")}
          button=${n("showReleases")}
          onKey=${a=>{al(a)&&s(()=>Ol(a))}}
        />
      `:w`
        <${ic} ctx=${e} release=${l} />
        <button type="button" onClick=${()=>s(null)}>
          ${n("forgetReleaseKey")}
        </button>
      `}
  `}var ac={text:"",isBad:!1,secrets:[]};function Hn(e){let[t,n]=q(ac),l=async(a,i,c,d)=>{let f=await e.call(a,i,c);return n(ce(f)?{...d(f.body),isBad:!1}:{text:ze(e,f),isBad:!0,secrets:[]}),ce(f)},s=w`
    <${tt} text=${t.text} isBad=${t.isBad} />
    ${t.secrets.map(a=>w`<${mr} ctx=${e} ...${a} />`)}
  `;return{step:l,shown:s}}var Kn=(e,t)=>new FormData(e.target).get(t).trim();var $r=({ends_at:e},t)=>e!==void 0&&Date.parse(e)<=t;function Do({ctx:e,caption:t,isTitled:n=!1,keys:l,onEnd:s}){let{t:a}=e,i=Al.nowMs(),c=d=>$r(d,i)?w`<${ye} kind="soft">${a("ended")}<//>`:d.ends_at===void 0?w`<${ye} kind="good">${a("works")}<//>`:w`<${ye} kind="warn">${a("endsLater")}<//>`;return w`
    <${xe}
      caption=${t}
      isTitled=${n}
      heads=${[a("key"),a("name"),a("state"),a("madeAt"),a("endsAt"),a("step")]}
      rows=${l.map(d=>[w`<code class="id">${d.key_id}</code>`,[d.name,d.scope].filter(Boolean).join(" · "),c(d),w`<${et} at=${d.created_at} />`,d.ends_at===void 0?"–":w`<${et} at=${d.ends_at} />`,$r(d,i)?"":w`
          <${Fn}
            ctx=${e}
            label=${a("endKey")}
            question=${a("endKeyQuestion")}
            onYes=${()=>s(d)}
          />
        `])}
      ids=${l.map(d=>d.key_id)}
      empty=${a("none")}
    />
  `}function kr({ctx:e}){let{t}=e,[n,l]=q([]),{step:s,shown:a}=Hn(e),i=async()=>{let f=await e.call("GET","/v1/admin/wallet-keys");ce(f)&&l(f.body.keys)};pe(()=>{i()},[e.call]);let c=async f=>{f.preventDefault();let y=Kn(f,"key-name"),m=`/v1/admin/${Kn(f,"key-scope")}-keys`;await s("POST",m,{name:y},k=>({text:t("keyMade",{id:k.key_id}),secrets:[{name:y,secret:k.api_key}]}))&&f.target.reset(),await i()},d=async({key_id:f})=>{await s("DELETE",`/v1/admin/wallet-keys/${f}`,void 0,()=>({text:t("keyEnded",{id:f}),secrets:[]})),await i()};return w`
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
    <${Do}
      ...${{ctx:e,keys:n,onEnd:d,isTitled:!0}}
      caption=${t("operatorKeys")}
    />
  `}function cc({ctx:e,merchant:t,onChanged:n}){let{t:l}=e,{name:s}=t,{step:a,shown:i}=Hn(e),c=`/v1/admin/merchants/${t.merchant_id}`,d=t.status==="active",f=async()=>{let k=d?"suspended":"active",v=l(d?"wasSuspended":"wasReactivated");await a("PATCH",c,{status:k},()=>({text:v,secrets:[]})),n()},y=async()=>{await a("POST",`${c}/keys`,void 0,({key_id:k,api_key:v})=>({text:l("keyMade",{id:k}),secrets:[{name:l("key"),secret:v}]})),n()},m=async({key_id:k})=>{await a("DELETE",`${c}/keys/${k}`,void 0,()=>({text:l("keyEnded",{id:k}),secrets:[]})),n()},g=Ht(t.guess_odds.per_day,e.tag);return w`
    <article class="sheet" aria-labelledby="merchant">
      <h3 id="merchant">
        ${s}${" "}
        <${ye} kind=${d?"good":"warn"}>${l(t.status)}<//>
      </h3>
      <p><code>${t.merchant_id}</code> · ${l("guessOdds",{odds:g})}</p>
      ${i}
      <div class="row">
        <${Fn}
          key=${t.status}
          ctx=${e}
          label=${l(d?"suspend":"reactivate")}
          question=${l(d?"suspendQuestion":"reactivateQuestion",{name:s})}
          onYes=${()=>{f()}}
        />
        <button type="button" onClick=${()=>{y()}}>
          ${l("addKey")}
        </button>
      </div>
      <${Do}
        ...${{ctx:e,keys:t.keys,onEnd:m}}
        caption=${l("keysOf",{name:s})}
      />
    </article>
  `}function vr({ctx:e,merchantId:t,onChanged:n}){let[l,s]=q(null),a=async()=>s(await e.call("GET",`/v1/admin/merchants/${t}`));if(pe(()=>{a()},[t]),l===null)return null;if(!ce(l))return w`<${tt} text=${ze(e,l)} isBad=${!0} />`;let i=()=>{a(),n()};return w`
    <${cc} ctx=${e} merchant=${l.body} onChanged=${i} />
  `}function uc({ctx:e,onAdded:t}){let{t:n}=e,{step:l,shown:s}=Hn(e);return w`
    ${s}
    <form class="row" onSubmit=${async i=>{i.preventDefault();let c=Kn(i,"name"),d=Kn(i,"url"),f={name:c,...d!==""&&{callback_url:d}};await l("POST","/v1/admin/merchants",f,m=>({text:n("merchantMade",{name:c,id:m.merchant_id}),secrets:[{name:n("key"),secret:m.api_key},...m.callback_secret===void 0?[]:[{name:n("callbackSecret"),secret:m.callback_secret}]]}))&&(i.target.reset(),t())}}>
      <label for="name">${n("merchantName")}</label>
      <input id="name" name="name" required maxlength="100" autocomplete="off" />
      <label for="url">${n("callbackUrl")}</label>
      <input id="url" name="url" type="url" autocomplete="off" />
      <button>${n("addMerchant")}</button>
    </form>
  `}function Sr({ctx:e}){let{t}=e,[n,l]=q([]),[s,a]=q(),[i,c]=q(""),d=async m=>{let g=m===void 0?"":`?${new URLSearchParams({cursor:m})}`,k=await e.call("GET",`/v1/admin/merchants${g}`);if(!ce(k))return;let{merchants:v,cursor:O}=k.body;l(K=>m===void 0?v:[...K,...v]),a(O)};pe(()=>{d()},[e.call]);let f=()=>{d()},y=m=>[m.name,w`
      <${ye} kind=${m.status==="active"?"good":"warn"}>
        ${t(m.status)}
      <//>
    `,w`<${et} at=${m.created_at} />`,w`<code class="id">${m.merchant_id}</code>`,w`
      <button
        type="button"
        aria-pressed=${i===m.merchant_id}
        aria-label=${t("openOf",{name:m.name})}
        onClick=${()=>c(m.merchant_id)}
      >
        ${t("open_")}
      </button>
    `];return w`
    <h2>${t("merchants")}</h2>
    <${uc} ctx=${e} onAdded=${f} />
    <${xe}
      caption=${t("merchants")}
      isTitled=${!0}
      heads=${[t("name"),t("status"),t("madeAt"),t("merchant"),t("step")]}
      rows=${n.map(y)}
      ids=${n.map(m=>m.merchant_id)}
      empty=${t("none")}
    />
    ${s!==void 0&&w`
      <button type="button" onClick=${()=>{d(s)}}>
        ${t("moreMerchants")}
      </button>
    `}
    ${i!==""&&w`
      <${vr}
        key=${i}
        ...${{ctx:e,merchantId:i,onChanged:f}}
      />
    `}
    <${kr} ctx=${e} />
  `}var Xi=Ya(Zi());var ea=200,rd=e=>getComputedStyle(document.documentElement).getPropertyValue(e).trim();function Ql(e,t){e.style.setProperty("color",rd(t));let{color:n}=getComputedStyle(e);return e.style.removeProperty("color"),n}function id(e,t,n,l){let s=new Intl.DateTimeFormat(l,{hour:"2-digit",minute:"2-digit",second:"2-digit",hourCycle:"h23"}),a={stroke:()=>Ql(e,"--soft"),grid:{stroke:()=>Ql(e,"--sheet")},ticks:{stroke:()=>Ql(e,"--sheet")},font:"14px system-ui"};return new Xi.default({width:e.clientWidth,height:ea,legend:{show:!1},cursor:{show:!1},scales:{y:{range:(i,c,d)=>[0,d>0?d*1.1:1]}},axes:[{...a,space:110,values:(i,c)=>c.map(d=>s.format(d*1e3))},{...a,size:(i,c)=>24+8*Math.max(4,...(c??[]).map(d=>d.length)),values:(i,c)=>c.map(n)}],series:[{},...t.map(({name:i,color:c,dash:d})=>({label:i,width:2,points:{show:!1},stroke:()=>Ql(e,c),...d!==void 0&&{dash:[...d]}}))]},[[],...t.map(()=>[])],e)}function ta({title:e,lines:t,points:n,text:l,tag:s}){let a=dn(null),i=dn(null);pe(()=>{let f=a.current,y=i.current=id(f,t,l,s),m=new ResizeObserver(()=>y.setSize({width:f.clientWidth,height:ea}));return m.observe(f),()=>{m.disconnect(),y.destroy()}},[s]),pe(()=>{i.current?.setData([n.map(({at:f})=>f),...t.map(({key:f})=>n.map(({values:y})=>y[f]??null))])},[n,s]);let c=n.at(-1)?.values??{},d=({key:f,name:y,color:m,dash:g})=>{let k=c[f];return w`
      <li>
        <span
          class=${g===void 0?"stroke":"stroke dashed"}
          style=${{borderColor:`var(${m})`}}
        ></span>
        ${y}: <strong>${k===void 0?"–":l(k)}</strong>
      </li>
    `};return w`
    <figure>
      <figcaption>
        <h3>${e}</h3>
        <ul class="lines">${t.map(d)}</ul>
      </figcaption>
      <div ref=${a} class="chart" aria-hidden="true"></div>
    </figure>
  `}var ad=/^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/,cd=/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;function na(e){let t=new Map;for(let n of e.split(`
`)){let[,l,s="",a]=ad.exec(n)??[];if(l===void 0)continue;let i=Object.fromEntries([...s.matchAll(cd)].map(([,d,f])=>[d,f.replaceAll(/\\(.)/g,(y,m)=>m==="n"?`
`:m)])),c=t.get(l)??[];c.push({labels:i,value:Number(a)}),t.set(l,c)}return t}function la({labels:e},t){return Object.entries(t).every(([n,l])=>{let s=e[n]??"";return typeof l=="string"?s===l:l(s)})}function Et(e,t,n={}){return e.get(t)?.filter(l=>la(l,n)).reduce((l,{value:s})=>l+s,0)}function jl(e,t,n,l={}){let[s,a]=[e,t].map(i=>Et(i,n,l)??0);return a<s?a:a-s}function gl(e,t,n,l={}){let s=(t.atMs-e.atMs)/1e3;return s<=0?0:jl(e.metrics,t.metrics,n,l)/s}function jn(e,t,n,l,s={}){let i=[...new Set(n.get(`${l}_bucket`)?.filter(v=>la(v,s)).map(({labels:v})=>v.le))].map(v=>{let O={...s,le:v},K=t===null?Et(n,`${l}_bucket`,O):jl(t,n,`${l}_bucket`,O);return{le:v==="+Inf"?1/0:Number(v),count:K}}).sort((v,O)=>v.le-O.le),c=i.at(-1)?.count??0;if(c===0)return;let d=e*c,f=i.findIndex(({count:v})=>v>=d),{le:y,count:m}=i[f],g=i[f-1]??{le:0,count:0};if(y===1/0)return g.le;let k=m===g.count?1:(d-g.count)/(m-g.count);return g.le+(y-g.le)*k}function oa(e,t,n){let l=e.get(t)?.map(({labels:s})=>s[n]??"");return[...new Set(l)].sort()}var ud=5e3,dd=6e4,fd=720,pd={now:null,before:null,points:[],alarms:[],watchedSeconds:0,ready:null,fault:null},sa=["store-unavailable","ledger-unavailable","clock-unsure"],md="offcode_http_answers_total",ra="offcode_http_request_duration_seconds",hd="offcode_search_duration_seconds_count",ia={method:"POST",route:e=>e==="/v1/payments"||e==="/v1/verifications"};function gd(e,t){let{metrics:n}=t,l={due:Et(n,"offcode_payments_due"),underWay:Et(n,"offcode_payments_under_way"),callbacksDue:Et(n,"offcode_callback_merchants_due")};if(e===null)return{at:t.atMs/1e3,values:l};let s=c=>gl(e,t,md,{code:c}),a=c=>60*gl(e,t,hd,{result:c}),i=c=>c==="ok"||c==="payment-pending";return{at:t.atMs/1e3,values:{...l,ok:s(c=>c==="ok"),pending:s(c=>c==="payment-pending"),failing:s(c=>sa.includes(c)),refused:s(c=>!i(c)&&!sa.includes(c)),p50:jn(.5,e.metrics,n,ra,ia),p99:jn(.99,e.metrics,n,ra,ia),misses:a("none"),collisions:a("ambiguous"),replays:60*s(c=>c==="code-replayed")}}}async function yd(e,t,n){let[l,s,a]=await Promise.all([e("GET","/v1/admin/metrics"),e("GET","/v1/admin/alarms"),e("GET","/readyz")]);for(let f of[l,s])if(!ce(f))return f;let i={atMs:Al.nowMs(),metrics:na(l.body)},c=t.at(-1)??null;n.push(gd(c,i)),n.splice(0,n.length-fd);let d=i.atMs-dd;return t.push(i),t.splice(0,t.findIndex(({atMs:f})=>f>=d)),{now:i,before:t.length>1?t[0]:null,points:[...n],alarms:s.body.alarms,watchedSeconds:s.body.watched_seconds,ready:a,fault:null}}function aa(e){let[t,n]=q(pd),l=dn(()=>{});return pe(()=>{let s=[],a=[],[i,c]=[!1,!1],d,f=async()=>{if(clearTimeout(d),c||i)return;c=!0;let y=await yd(e,s,a);c=!1,!i&&(n(m=>"points"in y?y:{...m,fault:y}),d=setTimeout(f,ud))};return f(),l.current=()=>{f()},()=>{i=!0,clearTimeout(d)}},[e]),{seen:t,again:()=>l.current()}}function Jl(e,t){return e===void 0?void 0:Et(e,t)}function ua({ctx:e,seen:t}){let{t:n,tag:l}=e,{points:s}=t,a=f=>`${Ht(f,l)} ${n("perSecond")}`,i=f=>`${Ht(f,l)} ${n("perMinute")}`,c=(f,y,m,g)=>({key:f,name:y,color:m,...g!==void 0&&{dash:g}}),d=(f,y,m)=>w`<${ta} ...${{title:f,text:y,lines:m,points:s,tag:l}} />`;return w`
    <div class="charts">
      ${d(n("chartAnswers"),a,[c("ok",n("lineOk"),"--good"),c("refused",n("lineRefused"),"--warn"),c("pending",n("linePending"),"--accent",[6,4]),c("failing",n("lineFailing"),"--bad",[2,3])])}
      ${d(n("chartTimes"),f=>Kt(f,l),[c("p50",n("lineP50"),"--good"),c("p99",n("lineP99"),"--warn",[6,4])])}
      ${d(n("chartCodes"),i,[c("misses",n("misses"),"--warn"),c("replays",n("replays"),"--accent",[6,4]),c("collisions",n("collisions"),"--bad",[2,3])])}
      ${d(n("chartQueues"),f=>Ue(f,l),[c("underWay",n("underWay"),"--good"),c("due",n("due"),"--warn",[6,4]),c("callbacksDue",n("callbacksDue"),"--accent",[2,3])])}
    </div>
  `}function _d({t:e,tag:t},n){let l=n.now?.metrics,s=y=>Jl(l,`offcode_${y}`),a=(y,m,g,k=()=>!1)=>({name:m,value:y(s(g),t),warn:k(s(g)??0),title:`offcode_${g}`}),i=a.bind(null,Ue),c=a.bind(null,Kt),d=a.bind(null,Lo),f=y=>y>0;return[[e("payments"),[i(e("underWay"),"payments_under_way",y=>y>100),i(e("due"),"payments_due"),c(e("oldestDue"),"payments_oldest_due_seconds",y=>y>60)]],[e("callbacks"),[i(e("callbacksDue"),"callback_merchants_due"),c(e("oldestDue"),"callback_oldest_due_seconds",y=>y>120),i(e("deliveries"),"callback_deliveries"),i(e("deliveriesWaiting"),"callback_deliveries_waiting"),i(e("breakersOpen"),"callback_breakers_open",f)]],[e("rations"),[i(e("rationsKnown"),"guess_rations"),i(e("rationsSpent"),"guess_rations_spent",f)]],[e("buckets"),[i(e("buckets"),"buckets"),i(e("seeds"),"bucket_seeds"),i(e("fullest"),"bucket_largest_seeds"),d(e("bucketMemory"),"bucket_memory_bytes"),d(e("bucketLimit"),"bucket_memory_limit_bytes")]],[e("core"),[i(e("coreVersion"),"core_version"),i(e("coreUnfit"),"core_release_unfit",f),i(e("coreShadow"),"core_shadow"),i(e("shadowSearches"),"core_shadow_searches")]],[e("clock"),[c(e("clockOffset"),"clock_offset_seconds",y=>Math.abs(y)>1),i(e("clockUnsure"),"clock_unsure",f)]],[e("process"),wd({t:e,tag:t},n)]]}function wd({t:e,tag:t},{now:n,before:l}){let s=Jl(n?.metrics,"process_start_time_seconds");return[{name:e("memory"),value:Lo(Jl(n?.metrics,"process_resident_memory_bytes"),t),title:"process_resident_memory_bytes"},{name:e("cpu"),value:n===null||l===null?"–":`${Ht(100*gl(l,n,"process_cpu_seconds_total"),t)} %`,title:"process_cpu_seconds_total"},{name:e("uptime"),value:Kt(s===void 0?void 0:n.atMs/1e3-s,t),title:"process_start_time_seconds"}]}function da({ctx:e,seen:t}){return w`
    <div class="groups">
      ${_d(e,t).map(([n,l])=>w`
          <section>
            <h3>${n}</h3>
            <dl class="tiles">
              ${l.map(s=>w`<${pr} ...${s} />`)}
            </dl>
          </section>
        `)}
    </div>
  `}var yl="offcode_http_answers_total",ca="offcode_search_duration_seconds_count";function fa({ctx:e,seen:t}){let{t:n,tag:l}=e,{now:s,before:a}=t;if(s===null)return null;let i=(f,y,m={})=>[f,a===null?"–":Ue(jl(a.metrics,s.metrics,y,m),l),Ue(Et(s.metrics,y,m),l)],c=[n("what"),n("lastMinute"),n("sinceStart")],d=oa(s.metrics,yl,"code").filter(f=>(Et(s.metrics,yl,{code:f})??0)>0);return w`
    <${xe}
      caption=${n("countsOfCodes")}
      heads=${c}
      rows=${[i(n("misses"),ca,{result:"none"}),i(n("collisions"),ca,{result:"ambiguous"}),i(n("replays"),yl,{code:"code-replayed"}),i(n("pendingAnswers"),yl,{code:"payment-pending"}),i(n("callbacksQueued"),"offcode_callbacks_queued_total")]}
      empty=""
    />
    <${xe}
      caption=${n("answersByCode")}
      heads=${c}
      rows=${d.map(f=>i(f,yl,{code:f}))}
      empty=${n("none")}
    />
  `}var bd=[["offcode_http_request_duration_seconds",["method","route"]],["offcode_search_duration_seconds",["result"]],["offcode_store_request_duration_seconds",["request"]],["offcode_ledger_request_duration_seconds",["request","result"]],["offcode_callback_attempt_duration_seconds",["result"]]];function $d(e,t,n){let l=new Map;for(let s of e.get(`${t}_count`)??[]){if(s.value===0)continue;let a=Object.fromEntries(n.map(i=>[i,s.labels[i]??""]));l.set(JSON.stringify(a),a)}return[...l.values()]}function pa({ctx:e,seen:t}){let{t:n,tag:l}=e,{now:s,before:a}=t;if(s===null)return null;let i={offcode_http_request_duration_seconds:n("legCall"),offcode_search_duration_seconds:n("legSearch"),offcode_store_request_duration_seconds:n("legStore"),offcode_ledger_request_duration_seconds:n("legLedger"),offcode_callback_attempt_duration_seconds:n("legCallback")},c=bd.flatMap(([d,f])=>$d(s.metrics,d,f).map(y=>{let m=g=>{let k=a===null?void 0:jn(g,a.metrics,s.metrics,d,y);return Kt(k??jn(g,null,s.metrics,d,y),l)};return[`${i[d]} ${Object.values(y).join(" ")}`,Ue(Et(s.metrics,`${d}_count`,y),l),m(.5),m(.99)]}));return w`
    <${xe}
      caption=${n("times")}
      heads=${[n("what"),n("sinceStart"),n("lineP50"),n("lineP99")]}
      rows=${c}
      empty=${n("none")}
    />
    <p class="soft">${n("timesNote")}</p>
  `}function ma({ctx:e,seen:t}){let{t:n}=e,{ready:l}=t;if(l===null)return null;let s=l.status===200;return w`
    <p class="row">
      <${ye} kind=${s?"good":"bad"}>
        ${s?n("ready"):n("notReady",{code:l.body?.code??""})}
      <//>
      ${(l.body?.warnings??[]).map(a=>w`<${ye} kind="warn">${a.code}<//>`)}
    </p>
  `}function kd(e){return new Intl.NumberFormat("en",{style:"currency",currency:e}).resolvedOptions().maximumFractionDigits??2}function Zl(e,t,n){let l=kd(t);return new Intl.NumberFormat(n,{style:"currency",currency:t,minimumFractionDigits:l}).format(e/10**l)}var vd={title:"Offcode Console",language:"Language",adminKey:"Admin key",keyNote:"The admin key stays in the memory of this page and is gone with it.",enter:"Open the console",leave:"Forget the key",keyOdd:"A key has no spaces and only letters, digits and signs.",keyRefused:"This key may not do that. The console needs the admin key.",noAnswer:"The edge does not answer.",notFound:"There is no such thing.",unavailable:"The edge cannot do that now ({code}).",refusedBecause:"Refused: {code}. {why}",lookFailed:"The latest look failed; what you see is older.",views:"Views",again:"Look now",vault:"Vault",zone:"Times are of {zone}.",thisEdge:"this edge",openOf:"Open {name}",queuesNote:"All merchants are looked through when this view is opened and when you look again.",overview:"Now",alarms:"Alarms",payments:"Payments",callbacks:"Callbacks",merchants:"Merchants and keys",core:"Core",keyring:"Master keys",ready:"This edge is ready",notReady:"This edge is not ready: {code}",alarmsNow:"Alarms now: {n}",allQuiet:"No alarm, as far as this edge sees.",firing:"Firing",pending:"Soon, if it lasts",quiet:"Quiet",unseen:"Not seen from here",page:"act now",ticket:"look at it within a day",since:"for {time}",alarmsNote:"Judged by this edge over what it has seen of itself for {time}. Prometheus sees all edges.",alarm:"Alarm",state:"State",severity:"Severity",says:"What it says",chartAnswers:"Answers",chartTimes:"Time of a payment or a verification",chartCodes:"Codes that did not pay",chartQueues:"Queues",perSecond:"/s",perMinute:"/min",lineOk:"done",lineRefused:"refused",linePending:"pending",lineFailing:"faults of the server",lineP50:"half of them take at most",lineP99:"99 of 100 take at most",misses:"misses: no customer found",replays:"replays: code used before",collisions:"collisions: two customers match",pendingAnswers:"answers “pending”",callbacksQueued:"callbacks queued",underWay:"under way",due:"due",oldestDue:"oldest has been due for",callbacksDue:"merchants with callbacks due",deliveries:"merchants being delivered to",deliveriesWaiting:"of these, waiting",breakersOpen:"breakers open",rations:"Guess rations",rationsKnown:"known to this edge",rationsSpent:"used up",buckets:"Buckets",seeds:"Seeds",fullest:"seeds in the fullest bucket",bucketMemory:"memory taken",bucketLimit:"memory allowed",coreVersion:"version (0: built in)",coreUnfit:"active release unfit here",coreShadow:"in shadow",shadowSearches:"Searches compared in shadow",clock:"Clock",clockOffset:"ahead of the store's",clockUnsure:"unsure: no code accepted",process:"Process",memory:"memory",cpu:"processor",uptime:"runs for",what:"What",lastMinute:"Last minute",sinceStart:"Since the start",countsOfCodes:"Codes and callbacks",answersByCode:"Answers by code",times:"Times of calls and of their legs",timesNote:"Of the last minute where there was something, otherwise since the start. Within a bucket of the histogram they are estimates.",legCall:"call",legSearch:"search",legStore:"store",legLedger:"ledger",legCallback:"callback",none:"None",searchTitle:"Find an order or a payment",searchLabel:"Order number or payment id",find:"Find",found:"Found: {n}",nothingFound:"No order and no payment has this id.",order:"Order",merchant:"Merchant",payment:"Payment",paymentsOfOrder:"Payments of the order",status:"Status",amount:"Amount",account:"Account",till:"Shop and till",more:"More",confirmed:"confirmed by the customer",waitsForLedger:"waits for the ledger",waitsForCustomer:"waits for the customer",closedUnseen:"Closed before any payment was seen",steps:"Its life, step by step",when:"When",step:"Step",duePayments:"Payments under way",dueAt:"Due",startedAt:"Began",showLife:"Show its life",nothingDue:"No payment is under way.",is_open:"under way",is_paid:"paid",is_declined:"declined",is_reversing:"being reversed",is_reversed:"reversed",is_refunded:"refunded",is_processing:"at the ledger",is_awaiting_confirmation:"waits for the customer",is_succeeded:"succeeded",is_accepted:"code accepted",is_confirmed:"confirmed by the customer",is_closed_unseen:"closed before it was seen",is_refund_asked:"refund asked for",is_refund_succeeded:"refund given",is_refund_declined:"refund declined",is_callback_queued:"callback queued",is_callback_attempt:"callback sent",is_callback_delivered:"callback delivered",is_callback_dead:"callback given up",callbackQueues:"Queues of callbacks",endpoint:"Endpoint",endpoint_active:"active",endpoint_disabled:"disabled",endpoint_none:"none",breaker:"Breaker",breaker_open:"open",breaker_closed:"closed",waiting:"Waiting",failingSince:"Failing since",nextProbe:"Next probe",dead:"Given up",showDead:"Show {n}",noQueues:"No merchant has an endpoint or a callback.",deadLetters:"Dead letters",deadLettersOf:"Callbacks of {merchant} that were given up",type:"Reports",tries:"Tries",why:"Why",replay:"Send again",replayed:"The callback of {order} is queued again.",name:"Name",merchantName:"Name of a new merchant",callbackUrl:"Callback URL (may be empty)",addMerchant:"Add the merchant",merchantMade:"{name} was added as {id}.",moreMerchants:"More merchants",open_:"Open",active:"active",suspended:"suspended",suspend:"Suspend",reactivate:"Reactivate",suspendQuestion:"Suspend {name}? It takes no new payment from then on.",reactivateQuestion:"Let {name} take payments again?",wasSuspended:"The merchant is suspended.",wasReactivated:"The merchant takes payments again.",guessOdds:"odds that a day of guessed codes hits a customer: {odds}",key:"Key",addKey:"Make a key",keyMade:"The key {id} was made.",keysOf:"Keys of {name}",madeAt:"Made",endsAt:"Ends",works:"works",endsLater:"ends later",ended:"ended",endKey:"End",endKeyQuestion:"End this key at once? Whoever uses it is refused.",keyEnded:"The key {id} has ended.",operatorKeys:"Keys of backends, releases and collectors",keyName:"Name of a new key",keyScope:"For",scopeWallet:"a wallet's backend",scopeRelease:"core releases",scopeMetrics:"metrics",callbackSecret:"Callback secret",shownOnce:"{name}: shown only this once. Hand it over, then leave this view.",copy:"Copy",yes:"Yes: {step}",no:"No",coreServes:"The core that serves here has version {version}.",builtIn:"built in",releaseKey:"Release key",releaseKeyNote:"Core releases want a key of their own, of the scope release. It stays in the memory of this view.",showReleases:"Show the releases",forgetReleaseKey:"Forget the release key",releases:"Core releases",release:"Release",version:"Version",differences:"Differences",slowest:"Slowest against active",uploadedAt:"Uploaded",digest:"SHA-256",noReleases:"No release was uploaded.",releaseHistory:"Who did what",by:"By",release_uploaded:"uploaded",release_shadow:"in shadow",release_active:"active",release_retired:"retired",step_upload:"upload",step_shadow:"Put into shadow",step_activate:"Activate",step_retire:"Retire",step_rollback:"Roll back",sure_shadow:"Compare version {version} with the active core?",sure_activate:"Let version {version} decide on every edge?",sure_retire:"Take version {version} out of use for good?",sure_rollback:"Leave version {version} for the core before it?",did_shadow:"Version {version} runs in shadow.",did_activate:"Version {version} is active; every edge follows within five seconds.",did_retire:"Version {version} is retired.",did_rollback:"Version {version} was left; every edge follows within five seconds.",masterKey:"Master key",seals:"seals",opens:"opens",missing:"missing: put it back",callbackSecrets:"Callback secrets",apiKeys:"API keys",profiles:"Profiles",profile:"Profile",enrols:"new enrolments get it",served:"served",liveCredentials:"Live credentials",countAgain:"Count again",counting:"Counting …"},Sd={title:"Offcode 控制台",language:"语言",adminKey:"管理密钥",keyNote:"管理密钥只留在本页面的内存中，关闭页面即消失。",enter:"打开控制台",leave:"忘掉密钥",keyOdd:"密钥不含空格，只由字母、数字和符号组成。",keyRefused:"这个密钥无权这样做。控制台需要管理密钥。",noAnswer:"边缘节点没有应答。",notFound:"找不到。",unavailable:"边缘节点现在做不到（{code}）。",refusedBecause:"被拒绝：{code}。{why}",lookFailed:"最近一次查看失败；下面是较早的数据。",views:"视图",again:"立即刷新",vault:"密钥库",zone:"时间按 {zone}。",thisEdge:"本节点",openOf:"打开 {name}",queuesNote:"打开此视图或再次刷新时会查看所有商户。",overview:"当前",alarms:"告警",payments:"付款",callbacks:"回调",merchants:"商户与密钥",core:"核心",keyring:"主密钥",ready:"本边缘节点就绪",notReady:"本边缘节点未就绪：{code}",alarmsNow:"当前告警：{n}",allQuiet:"就本边缘节点所见，没有告警。",firing:"正在告警",pending:"若持续则告警",quiet:"正常",unseen:"此处看不到",page:"立即处理",ticket:"一天之内处理",since:"已持续 {time}",alarmsNote:"由本边缘节点按自己 {time} 以来的指标判断。Prometheus 能看到所有节点。",alarm:"告警",state:"状态",severity:"级别",says:"含义",chartAnswers:"应答",chartTimes:"付款或验证的耗时",chartCodes:"没有付成的付款码",chartQueues:"队列",perSecond:"次/秒",perMinute:"次/分",lineOk:"成功",lineRefused:"被拒绝",linePending:"待定",lineFailing:"服务器故障",lineP50:"半数不超过",lineP99:"百分之九十九不超过",misses:"未命中：找不到顾客",replays:"重放：付款码已用过",collisions:"碰撞：两名顾客匹配",pendingAnswers:"“待定”应答",callbacksQueued:"排队的回调",underWay:"进行中",due:"到期",oldestDue:"最早一笔已到期",callbacksDue:"有到期回调的商户",deliveries:"正在投递的商户",deliveriesWaiting:"其中等待的",breakersOpen:"断开的断路器",rations:"猜码额度",rationsKnown:"本节点所知",rationsSpent:"已用完",buckets:"桶",seeds:"种子",fullest:"最满的桶中的种子",bucketMemory:"占用内存",bucketLimit:"内存上限",coreVersion:"版本（0：内置）",coreUnfit:"启用的版本在此不可用",coreShadow:"影子运行中",shadowSearches:"影子比较的查找",clock:"时钟",clockOffset:"比存储快",clockUnsure:"不确定：不接受付款码",process:"进程",memory:"内存",cpu:"处理器",uptime:"已运行",what:"项目",lastMinute:"最近一分钟",sinceStart:"自启动以来",countsOfCodes:"付款码与回调",answersByCode:"按代码的应答",times:"调用及其各段的耗时",timesNote:"有数据时取最近一分钟，否则自启动以来。直方图的桶内为估计值。",legCall:"调用",legSearch:"查找",legStore:"存储",legLedger:"账本",legCallback:"回调",none:"没有",searchTitle:"查找订单或付款",searchLabel:"订单号或付款号",find:"查找",found:"找到：{n}",nothingFound:"没有这个号码的订单或付款。",order:"订单",merchant:"商户",payment:"付款",paymentsOfOrder:"订单的付款",status:"状态",amount:"金额",account:"账户",till:"门店与收银台",more:"详情",confirmed:"顾客已确认",waitsForLedger:"等待账本",waitsForCustomer:"等待顾客",closedUnseen:"在出现付款之前已关闭",steps:"逐步经过",when:"时间",step:"步骤",duePayments:"进行中的付款",dueAt:"到期时间",startedAt:"开始时间",showLife:"查看经过",nothingDue:"没有进行中的付款。",is_open:"进行中",is_paid:"已付",is_declined:"被拒付",is_reversing:"正在撤销",is_reversed:"已撤销",is_refunded:"已退款",is_processing:"账本处理中",is_awaiting_confirmation:"等待顾客确认",is_succeeded:"成功",is_accepted:"付款码已接受",is_confirmed:"顾客已确认",is_closed_unseen:"出现之前已关闭",is_refund_asked:"申请退款",is_refund_succeeded:"已退款",is_refund_declined:"退款被拒",is_callback_queued:"回调已排队",is_callback_attempt:"回调已发送",is_callback_delivered:"回调已送达",is_callback_dead:"回调已放弃",callbackQueues:"回调队列",endpoint:"端点",endpoint_active:"启用",endpoint_disabled:"停用",endpoint_none:"没有",breaker:"断路器",breaker_open:"断开",breaker_closed:"接通",waiting:"等待",failingSince:"失败始于",nextProbe:"下次探测",dead:"已放弃",showDead:"查看 {n}",noQueues:"没有商户设置端点或有回调。",deadLetters:"死信",deadLettersOf:"{merchant} 已放弃的回调",type:"内容",tries:"次数",why:"原因",replay:"重新发送",replayed:"{order} 的回调已重新排队。",name:"名称",merchantName:"新商户名称",callbackUrl:"回调地址（可空）",addMerchant:"添加商户",merchantMade:"已添加 {name}，编号 {id}。",moreMerchants:"更多商户",open_:"打开",active:"正常",suspended:"已暂停",suspend:"暂停",reactivate:"恢复",suspendQuestion:"暂停 {name}？此后它不能收取新的付款。",reactivateQuestion:"让 {name} 重新收款？",wasSuspended:"商户已暂停。",wasReactivated:"商户已恢复收款。",guessOdds:"一天猜码命中顾客的概率：{odds}",key:"密钥",addKey:"新建密钥",keyMade:"已新建密钥 {id}。",keysOf:"{name} 的密钥",madeAt:"创建时间",endsAt:"结束时间",works:"有效",endsLater:"稍后结束",ended:"已结束",endKey:"结束",endKeyQuestion:"立即结束此密钥？使用它的人将被拒绝。",keyEnded:"密钥 {id} 已结束。",operatorKeys:"后端、发布与采集的密钥",keyName:"新密钥名称",keyScope:"用途",scopeWallet:"钱包后端",scopeRelease:"核心发布",scopeMetrics:"指标采集",callbackSecret:"回调密钥",shownOnce:"{name}：只显示这一次。请交给对方，然后离开此视图。",copy:"复制",yes:"是：{step}",no:"否",coreServes:"此处运行的核心版本为 {version}。",builtIn:"内置",releaseKey:"发布密钥",releaseKeyNote:"核心发布需要单独的发布密钥。它只留在此视图的内存中。",showReleases:"查看版本",forgetReleaseKey:"忘掉发布密钥",releases:"核心版本",release:"版本编号",version:"版本",differences:"差异",slowest:"最慢倍数",uploadedAt:"上传时间",digest:"SHA-256 摘要",noReleases:"没有上传过版本。",releaseHistory:"操作记录",by:"操作者",release_uploaded:"已上传",release_shadow:"影子运行",release_active:"正在使用",release_retired:"已停用",step_upload:"上传",step_shadow:"转入影子",step_activate:"启用",step_retire:"停用",step_rollback:"回退",sure_shadow:"将版本 {version} 与正在使用的核心比较？",sure_activate:"让版本 {version} 在所有节点上生效？",sure_retire:"永久停用版本 {version}？",sure_rollback:"放弃版本 {version}，回到之前的核心？",did_shadow:"版本 {version} 正在影子运行。",did_activate:"版本 {version} 已启用；各节点五秒内跟进。",did_retire:"版本 {version} 已停用。",did_rollback:"已放弃版本 {version}；各节点五秒内跟进。",masterKey:"主密钥",seals:"用于封存",opens:"用于打开",missing:"缺失：请放回",callbackSecrets:"回调密钥",apiKeys:"接口密钥",profiles:"方案",profile:"方案",enrols:"新注册使用",served:"提供服务",liveCredentials:"有效凭证",countAgain:"重新统计",counting:"统计中……"},Xl={en:vd,zh:Sd};var Cd=["succeeded","paid","callback_delivered","refund_succeeded"],xd=["declined","callback_dead","refund_declined"],to=e=>Cd.includes(e)?"good":xd.includes(e)?"bad":"soft",Td=({step:e,http_status:t=0})=>e!=="callback_attempt"?to(e):t>=200&&t<300?"good":"warn",eo=({t:e},t)=>{let n=`is_${t}`;return Object.hasOwn(Xl.en,n)?e(n):t};function Ad(e,t,n){let l=[t.amount_minor!==void 0&&n!==void 0&&Zl(t.amount_minor,n,e.tag),t.reason,t.refund_id,t.type,t.http_status!==void 0&&`HTTP ${t.http_status}`,t.error,t.duration_ms!==void 0&&Kt(t.duration_ms/1e3,e.tag)].filter(s=>s!==void 0&&s!==!1);return w`
    ${l.join(" · ")}
    ${t.response!==void 0&&t.response!==""&&w`
      <pre class="response">${t.response}</pre>
    `}
    <code class="soft id below">${t.callback_id??t.payment_id??""}</code>
  `}function Md({ctx:e,order:t}){let{t:n,tag:l}=e,s=t.payments.at(-1)?.currency;return w`
    <article class="sheet">
      <h3>
        ${n("order")} <code>${t.order_id}</code>
        <${ye} kind=${to(t.state)}>${eo(e,t.state)}<//>
      </h3>
      <p>
        ${n("merchant")}: <${il} ctx=${e} id=${t.merchant_id} />
      </p>
      <${xe}
        caption=${n("paymentsOfOrder")}
        heads=${[n("payment"),n("status"),n("amount"),n("account"),n("till"),n("more")]}
        rows=${t.payments.map(a=>[w`<code class="id">${a.payment_id}</code>`,w`<${ye} kind=${to(a.status)}>${eo(e,a.status)}<//>`,Zl(a.amount_minor,a.currency,l),w`<code>${a.account_id}</code>`,[a.store_id,a.terminal_id].filter(Boolean).join(" "),[a.description,a.decline_reason,a.confirmed&&n("confirmed"),a.waits_for==="ledger"&&n("waitsForLedger"),a.waits_for==="customer"&&n("waitsForCustomer")].filter(Boolean).join(" · ")])}
        empty=${n("closedUnseen")}
      />
      <${xe}
        caption=${n("steps")}
        heads=${[n("when"),n("step"),n("more")]}
        rows=${t.steps.map(a=>[w`<${et} at=${a.at} />`,w`<${ye} kind=${Td(a)}>${eo(e,a.step)}<//>`,Ad(e,a,s)])}
        empty=${n("none")}
      />
    </article>
  `}function Ed({ctx:e,wanted:t}){let{t:n}=e,[l,s]=q(t),[a,i]=q(null),c=async f=>{let y=f.startsWith("pay_")?"payment_id":"order_id",m=new URLSearchParams({[y]:f.trim()});i(await e.call("GET",`/v1/admin/orders?${m}`))};pe(()=>{t!==""&&(s(t),c(t))},[t]);let d=a!==null&&ce(a)?a.body.orders:[];return w`
    <form
      class="row"
      role="search"
      onSubmit=${f=>{f.preventDefault(),l.trim()!==""&&c(l)}}
    >
      <label for="search">${n("searchLabel")}</label>
      <input
        id="search"
        type="search"
        spellcheck=${!1}
        autocomplete="off"
        value=${l}
        onInput=${f=>s(f.target.value)}
      />
      <button class="main">${n("find")}</button>
    </form>
    <${tt}
      text=${a===null?"":ce(a)?d.length===0?n("nothingFound"):n("found",{n:d.length}):ze(e,a)}
      isBad=${a!==null&&(!ce(a)||d.length===0)}
    />
    ${d.map(f=>w`<${Md} ctx=${e} order=${f} />`)}
  `}function ha({ctx:e,tick:t}){let{t:n,tag:l}=e,[s,a]=q(""),[i,c]=q(null);pe(()=>{e.call("GET","/v1/admin/due-payments").then(c)},[t,e.call]);let d=i!==null&&ce(i)?i.body.payments:[];return w`
    <h2>${n("searchTitle")}</h2>
    <${Ed} ctx=${e} wanted=${s} />
    <h2>${n("duePayments")}</h2>
    ${i!==null&&!ce(i)&&w`
      <${tt} text=${ze(e,i)} isBad=${!0} />
    `}
    <${xe}
      caption=${n("duePayments")}
      isTitled=${!0}
      heads=${[n("order"),n("merchant"),n("status"),n("amount"),n("dueAt"),n("startedAt"),n("step")]}
      rows=${d.map(f=>[w`<code>${f.order_id}</code>`,w`<${il} ctx=${e} id=${f.merchant_id} />`,w`<${ye} kind=${to(f.status)}>${eo(e,f.status)}<//>`,Zl(f.amount_minor,f.currency,l),w`<${et} at=${f.due_at} />`,w`<${et} at=${f.created_at} />`,w`
          <button type="button" onClick=${()=>a(f.payment_id)}>
            ${n("showLife")}
          </button>
        `])}
      empty=${n("nothingDue")}
    />
  `}var Od={seals:"good",opens:"soft",missing:"bad",enrols:"good",served:"soft"};function ga({ctx:e}){let{t,tag:n}=e,[l,s]=q(null),[a,i]=q(null),c=async()=>{i(await e.call("GET","/v1/admin/profiles")),s(await e.call("GET","/v1/admin/keyring"))};pe(()=>{c()},[e.call]);let d=g=>w`<${ye} kind=${Od[g]}>${t(g)}<//>`,f=[l,a].filter(g=>g!==null&&!ce(g)),y=l!==null&&ce(l)?l.body.keys:[],m=a!==null&&ce(a)?a.body.profiles:[];return w`
    <h2>${t("keyring")}</h2>
    ${f.map(g=>w`<${tt} text=${ze(e,g)} isBad=${!0} />`)}
    <button type="button" onClick=${()=>{c()}}>${t("countAgain")}</button>
    <${xe}
      caption=${t("keyring")}
      isTitled=${!0}
      heads=${[t("masterKey"),t("state"),t("seeds"),t("callbackSecrets"),t("apiKeys")]}
      rows=${y.map(g=>[w`<code>${g.kid}</code>`,d(g.state),Ue(g.seeds,n),Ue(g.callback_secrets,n),Ue(g.api_keys,n)])}
      empty=${t(l===null?"counting":"none")}
    />
    <h2>${t("profiles")}</h2>
    <${xe}
      caption=${t("profiles")}
      isTitled=${!0}
      heads=${[t("profile"),t("state"),t("liveCredentials")]}
      rows=${m.map(g=>[g.profile,d(g.state),Ue(g.live_credentials,n)])}
      empty=${t(a===null?"counting":"none")}
    />
  `}var Pd=["overview","alarms","payments","callbacks","merchants","core","vault"];function Ld({ctx:e,view:t,seen:n,pressed:l,language:s}){switch(t){case"overview":return w`
        <${gr} ...${{ctx:e,seen:n,language:s}} />
        <${ua} ...${{ctx:e,seen:n}} />
        <${da} ...${{ctx:e,seen:n}} />
        <div class="pair">
          <${fa} ...${{ctx:e,seen:n}} />
        </div>
        <${pa} ...${{ctx:e,seen:n}} />
      `;case"alarms":return w`
        <h2>${e.t("alarms")}</h2>
        <${yr} ...${{ctx:e,seen:n,language:s}} />
      `;case"payments":return w`<${ha} ctx=${e} tick=${n.now} />`;case"callbacks":return w`<${wr} ctx=${e} tick=${l} />`;case"merchants":return w`<${Sr} ctx=${e} />`;case"core":return w`
        <${br} ctx=${e} served=${n.ready?.body?.core} />
      `;case"vault":return w`<${ga} ctx=${e} />`}}var Dd=20;function Rd(e){let[t,n]=q(new Map);return pe(()=>{Pl(e,"/v1/admin/merchants","merchants",Dd).then(s=>{"status"in s||n(new Map(s.map(a=>[a.merchant_id,a.name])))})},[e]),l=>t.get(l)}function Nd({t:e,tag:t,call:n,language:l,onLeave:s}){let a=Rd(n),i={t:e,tag:t,call:n,nameOf:a},[c,d]=q(0),f=()=>{d(c+1),k()},[y,m]=q("overview"),{seen:g,again:k}=aa(n),v=g.alarms.filter(({state:O})=>O==="firing").length;return pe(()=>(document.title=v>0?`(${v}) ${e("title")}`:e("title"),()=>document.title=e("title")),[v,l]),w`
    <nav aria-label=${e("views")} class="row">
      ${Pd.map(O=>w`
          <button
            type="button"
            aria-current=${O===y?"page":void 0}
            onClick=${()=>m(O)}
          >
            ${e(O)}${O==="alarms"&&v>0&&w`
              <span class="badge bad">${v}</span>
            `}
          </button>
        `)}
      <button type="button" class="plain" onClick=${f}>${e("again")}</button>
      <button type="button" class="plain" onClick=${s}>
        ${e("leave")}
      </button>
    </nav>
    <main>
      ${g.fault!==null&&w`
        <p role="alert" class="note bad">
          ${e("lookFailed")} ${ze(i,g.fault)}
        </p>
      `}
      <${ma} ctx=${i} seen=${g} />
      <${Ld} ...${{ctx:i,view:y,seen:g,pressed:c,language:l}} />
      <p class="soft">${e("zone",{zone:fr()})}</p>
    </main>
  `}function Fd(){let[e,t]=q(qs),[n,l]=q(null),[s,a]=q(""),i=Po(()=>Us(Xl,e),[e]),c=xo[e];pe(()=>{Qs(e),document.title=i("title")},[e]);let d=y=>{Ys(y),t(y)},f=async y=>{let m=Ol(y);a("");let g=await m("GET","/v1/admin/alarms");if(ce(g))return l(()=>m);a(ze({t:i},g))};return w`
    <header class="row">
      <h1>${i("title")}</h1>
      <div class="row languages" role="group" aria-label=${i("language")}>
        ${Is.map(y=>w`
            <button
              type="button"
              lang=${xo[y]}
              aria-pressed=${y===e}
              onClick=${()=>d(y)}
            >
              ${Gs[y]}
            </button>
          `)}
      </div>
    </header>
    ${n===null?w`
        <main class="door">
          <p>${i("keyNote")}</p>
          <${Ll}
            ctx=${{t:i}}
            id="admin-key"
            label=${i("adminKey")}
            button=${i("enter")}
            fault=${s}
            onKey=${y=>{f(y)}}
          />
        </main>
      `:w`
        <${Nd}
          ...${{t:i,tag:c,call:n,language:e}}
          onLeave=${()=>l(null)}
        />
      `}
  `}zs(w`<${Fd} />`,document.body);
