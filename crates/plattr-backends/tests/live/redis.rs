//! Redis for real.

use ::redis::cmd;
use plattr_backends::Login;
use plattr_backends::redis::{self, Desired};

use crate::{all_passed, application, variable};

#[tokio::test]
async fn a_user_from_nothing_that_is_repaired() {
    let server = variable("PLATTR_TEST_REDIS");
    let (host, port) = server.split_once(':').unwrap();
    let port = port.parse().unwrap();
    let admin = Login { user: "plattr".into(), password: "localdev".into() };
    let mut admin = redis::connect(host, port, &admin).await.unwrap();
    let (names, _) = application("backends-redis");
    let wanted = Desired::new(&names, "secret");
    cmd("ACL").arg("DELUSER").arg(&names.redis_user).query_async::<()>(&mut admin).await.unwrap();

    let made: Vec<String> = redis::ensure(&mut admin, &wanted).await.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(made, ["create Redis user backends-redis"]);
    let started = std::time::Instant::now();
    assert_eq!(redis::ensure(&mut admin, &wanted).await.unwrap(), []);
    println!("redis: warm ensure {:?}", started.elapsed());
    all_passed(&redis::verify(host, port, &wanted).await);

    for rule in ["nopass", ">other", "off", "+acl", "~*", "&*"] {
        cmd("ACL").arg("SETUSER").arg(&names.redis_user).arg(rule).query_async::<()>(&mut admin).await.unwrap();
        let failed = redis::verify(host, port, &wanted).await.iter().any(|c| !c.passed);
        assert!(failed || rule == ">other", "verify did not see {rule}");
        assert_eq!(redis::ensure(&mut admin, &wanted).await.unwrap().len(), 1, "{rule}");
        assert_eq!(redis::ensure(&mut admin, &wanted).await.unwrap(), [], "{rule}");
    }
    all_passed(&redis::verify(host, port, &wanted).await);

    // What goes: the user and its keys, and nothing of others.
    let (own, foreign) = (format!("{}key", wanted.prefix), "backends-redis-two:key");
    for key in [own.as_str(), foreign] {
        cmd("SET").arg(key).arg("1").query_async::<()>(&mut admin).await.unwrap();
    }
    for _ in 0..2 {
        redis::deprovision(&mut admin, &wanted).await.unwrap();
    }
    assert!(redis::verify(host, port, &wanted).await.iter().any(|c| !c.passed));
    let left: (i64, i64) = (
        cmd("EXISTS").arg(&own).query_async(&mut admin).await.unwrap(),
        cmd("DEL").arg(foreign).query_async(&mut admin).await.unwrap(),
    );
    assert_eq!(left, (0, 1));
}
