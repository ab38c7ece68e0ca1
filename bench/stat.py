"""Where a burst's time goes, statement by statement (temporary)."""
import time, collections
from rouage.journal import bulk
from django.db import connection
T=collections.Counter(); C=collections.Counter()
def wrap(name):
    f=getattr(bulk,name)
    def g(*a,**k):
        t=time.thread_time(); 
        try: return f(*a,**k)
        finally:
            d=time.thread_time()-t
            key=name+" "+(a[0].__name__ if isinstance(a[0],type) else str(a[0])[:60].replace("\n"," "))
            T[key]+=d; C[key]+=1
    setattr(bulk,name,g)
def install():
    for n in ("insert","update","mark","query","reserve_ids"): wrap(n)
def show(n):
    for k,v in T.most_common(25): print(f"{v/n*1e6:8.1f} us/run {C[k]:5} {k}")
    print(f"{sum(T.values())/n*1e6:8.1f} total")
