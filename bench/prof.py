import os, sys, tempfile, time
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rouage.config.settings")
home = tempfile.mkdtemp(prefix="rouage-bench-")
os.environ["ROUAGE_HOME"]=home
os.environ.setdefault("ROUAGE_SECRET_KEY","b"*50); os.environ.setdefault("ROUAGE_SMTP_HOST","127.0.0.1")
os.environ.setdefault("ROUAGE_FLOOD_LIMIT","1000000000")
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from bench import company, reference
from django.db import connection
reference.create(); company.furnish()
N=int(os.environ.get("N","3000")); B=int(os.environ.get("B","500"))
load=getattr(company, sys.argv[1] if len(sys.argv)>1 else "load_events")
load(500); company.drain(100)
for _ in range(5):
    load(N); h,w,c=company.drain(B)
    reference.load(N//3); r,m=reference.drain(B)
    print(f"{connection.vendor} ours {N/w:,.0f}/s cpu {c/N*1e6:.0f}us  bare {r:,.0f}/s cpu {m*1e6:.0f}us ratio {N/w/r:.2f} load {os.getloadavg()[0]:.1f}", h)
from rouage.automations.models import Evaluation, Run
print(Run.objects.count(), Evaluation.objects.count(), Evaluation.objects.values_list("reason",flat=True).first())
if "p" in sys.argv:
    import cProfile,pstats
    load(N); p=cProfile.Profile(); p.enable(); company.drain(B); p.disable()
    pstats.Stats(p).sort_stats("cumtime").print_stats(95)

if "stat" in sys.argv:
    from bench import stat
    stat.install(); load(N); stat.T.clear(); stat.C.clear(); t=time.thread_time(); company.drain(B); w=time.thread_time()-t
    print(f"cpu {w/N*1e6:.1f} us/run"); stat.show(N)

if "sample" in sys.argv:
    import threading, collections
    self_, cum = collections.Counter(), collections.Counter()
    main = threading.main_thread().ident; stop=[]
    def sampler():
        while not stop:
            f=sys._current_frames()[main]; seen=set(); first=True
            while f:
                k=(f.f_code.co_filename.split("/")[-1], f.f_code.co_name, f.f_code.co_firstlineno)
                if first: self_[k]+=1; first=False
                if k not in seen: cum[k]+=1; seen.add(k)
                f=f.f_back
            time.sleep(0.0007)
    load(4*N)
    t=threading.Thread(target=sampler); t.start(); c0=time.process_time(); company.drain(B); c=time.process_time()-c0; stop.append(1); t.join()
    tot=sum(self_.values()); print("cpu us/run", c/(4*N)*1e6, "samples", tot)
    print("--- self"); 
    for k,v in self_.most_common(40): print(f"{v/tot*c/(4*N)*1e6:6.1f} us {k}")
    print("--- cum")
    for k,v in cum.most_common(70): print(f"{v/tot*c/(4*N)*1e6:6.1f} us {k}")
