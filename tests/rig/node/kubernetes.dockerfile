# The Kubernetes components and what kube-proxy calls: the tools, their plug-ins and their libraries.
FROM plattr-rig/node-base AS tools
RUN set -e; mkdir /out; cd /usr/sbin; \
    for file in xtables-nft-multi xtables-legacy-multi nft conntrack; do \
      cp --parents "$(readlink -f /usr/sbin/$file)" $(ldd /usr/sbin/$file | grep -o '/[^ ]*') /out; \
    done; \
    mkdir -p /out/usr/sbin /out/usr/lib/x86_64-linux-gnu /out/run; \
    cp -r /usr/lib/x86_64-linux-gnu/xtables /out/usr/lib/x86_64-linux-gnu/; \
    for file in /out/usr/lib/x86_64-linux-gnu/xtables/*.so; do \
      for library in $(ldd $file | grep -o '/[^ ]*'); do [ -e /out$library ] || cp --parents $library /out; done; \
    done; \
    for name in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do \
      ln -s xtables-nft-multi /out/usr/sbin/$name; \
    done; \
    cp --parents /etc/protocols /etc/services /out; \
    mkdir -p /out/usr/local/bin; \
    for name in kube-apiserver kube-controller-manager kube-scheduler kube-proxy; do \
      ln -s kubernetes /out/usr/local/bin/$name; \
    done

FROM scratch
COPY --from=tools /out/ /
COPY kubernetes /usr/local/bin/
ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
